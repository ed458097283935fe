// Put on a site's pages; script.rs serves it without comments and line breaks, in at most 600 bytes. It keeps nothing, and
// asks the browser for nothing but the page's path, where it was come from and the screen's width.
{
	let d=document,s=d.currentScript,t=s.dataset,l=location,h=history,f=h.pushState,a=addEventListener,r=d.referrer,o,
	// Kind, name and path. What stands behind a # never leaves the page, and of what stands behind a ? only a campaign.
	c=(k,n,p)=>navigator.sendBeacon(new URL("count",s.src),JSON.stringify({
		s:t.site,k,n,r,w:screen.width,
		p:p||l.pathname+l.search.replace(/(^.|utm_(so|m|ca)[^&]*&?)|./g,"$1")
	})),
	// A view, unless the path is still the same; the next one comes from this site.
	v=()=>o!=(o=l.pathname)&&(c(t.kind),r=l.origin);
	// Pages that change without being loaded.
	h.pushState=(...x)=>{f.apply(h,x);v()};
	a("popstate",v);
	// Files, wherever they lie.
	a("click",e=>(e=e.target.closest("a"))&&/\.(zip|exe|msi|dmg|pkg|deb|rpm|.z|pdf)$/i.test(e.pathname)&&c("download",0,e.pathname));
	scruple={event:n=>c("event",n)};
	// A page that is made ready ahead is seen later, or never.
	d.prerendering?a("prerenderingchange",v):v()
}

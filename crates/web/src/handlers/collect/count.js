// Counts visits on the pages of a site. script.rs serves it without comments and line breaks, in at most 600 bytes. It
// stores nothing, and reads only the path of the page, the referrer and the width of the screen.
{
	let d=document,s=d.currentScript,t=s.dataset,l=location,h=history,f=h.pushState,a=addEventListener,r=d.referrer,o,
	// Sends kind, name and path. The fragment (#) is never sent, and of the query (?) only the campaign.
	c=(k,n,p)=>navigator.sendBeacon(new URL("count",s.src),JSON.stringify({
		s:t.site,k,n,r,w:screen.width,
		p:p||l.pathname+l.search.replace(/(^.|utm_(so|m|ca)[^&]*&?)|./g,"$1")
	})),
	// Sends a view, unless the path is unchanged. The next view has this site as its referrer.
	v=()=>o!=(o=l.pathname)&&(c(t.kind),r=l.origin);
	// Single-page applications change the path without loading a page.
	h.pushState=(...x)=>{f.apply(h,x);v()};
	a("popstate",v);
	// Downloads, on any host.
	a("click",e=>(e=e.target.closest("a"))&&/\.(zip|exe|msi|dmg|pkg|deb|rpm|.z|pdf)$/i.test(e.pathname)&&c("download",0,e.pathname));
	scruple={event:n=>c("event",n)};
	// A prerendered page is viewed later, or never.
	d.prerendering?a("prerenderingchange",v):v()
}

//! Sanitized HTML loads nothing, runs nothing and links nowhere, and its text stays readable.

use inbound_mail::{html_to_text, sanitize_html};

#[test]
fn sanitized_html_loads_and_runs_nothing() {
    for html in [
        "<img src=https://t.example/x.gif>",
        "<IMG SRC='https://t.example/x.gif'/>",
        "<img/src=\"x\"onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</script>",
        "<style>@import url(https://t.example/c)</style>",
        "<link rel=stylesheet href=https://t.example/c>",
        "<div style=\"background:url(https://t.example/x)\">a</div>",
        "<table background=https://t.example/x><td>b</table>",
        "<form action=https://t.example><input name=x></form>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg><script>alert(1)</script></svg>",
        "<svg onload=alert(1)>",
        "<math><mtext><img src=x onerror=alert(1)>",
        "<object data=x></object><embed src=x>",
        "<meta http-equiv=refresh content='0;url=https://t.example'>",
        "<base href=https://t.example>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!-- --!><img src=x>-->",
        "<p title='>'onmouseover=alert(1)>x",
        "<textarea></textarea><img src=x>",
        "<video poster=https://t.example/x><source src=y>",
        "<x-y onclick=z>",
        "<b onclick=x>y</b>",
        "<p\u{c}onclick=x>y",
        "&lt;img src=x onerror=alert(1)&gt;",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<img alt='<script>'>",
    ] {
        let safe = sanitize_html(html);
        assert_sanitized(&safe);
        assert!(!safe.contains("alert(1)</") || safe.contains("&lt;"), "{html} became {safe}");
    }
}

/// Asserts that there are only allowed tags without attributes, each closed.
fn assert_sanitized(safe: &str) {
    let known = ["p", "div", "b", "i", "u", "s", "code", "ul", "ol", "li", "blockquote", "pre", "sub", "sup"];
    let mut open = Vec::new();
    for piece in safe.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{safe}"),
            None if matches!(tag, "br" | "hr") => {}
            None => {
                assert!(known.contains(&tag), "<{tag}> in {safe}");
                open.push(tag);
            }
        }
    }
    assert!(open.is_empty(), "{open:?} stay open in {safe}");
}

#[test]
fn sanitized_html_keeps_text_and_structure() {
    assert_eq!(sanitize_html("<p>one<p>two"), "<p>one</p><p>two</p>");
    assert_eq!(sanitize_html("a &amp; b &lt;c&gt; \"d\""), "a &amp; b &lt;c&gt; &quot;d&quot;");
    assert_eq!(sanitize_html("<ul><li>a<li>b</ul>"), "<ul><li>a</li><li>b</li></ul>");
    assert_eq!(sanitize_html("<b><i>x</b>y</i>"), "<b><i>x</i></b>y");
    assert_eq!(sanitize_html("1 < 2 and 3 > 2"), "1 &lt; 2 and 3 &gt; 2");
    assert_eq!(sanitize_html("<h1>T</h1>x<br/>y<hr>"), "<p>T</p>x<br>y<hr>");
    assert_eq!(sanitize_html("a <b"), "a &lt;b", "a tag that never ends is text");
}

#[test]
fn links_become_text_that_shows_their_target() {
    assert_eq!(
        sanitize_html("<a href='https://a.example/x?y=1&amp;z=2'>here</a>"),
        "here &lt;https://a.example/x?y=1&amp;z=2&gt;"
    );
    assert_eq!(sanitize_html("<a href='https://a.example/'>a.example</a>"), "a.example");
    assert_eq!(sanitize_html("<a href='mailto:jo@example.com'>jo@example.com</a>"), "jo@example.com");
    assert_eq!(sanitize_html("<a href='javascript:x'>here</a>"), "here");
    assert_eq!(html_to_text("<a href='https://a.example/x'>here</a>."), "here <https://a.example/x>.");
}

#[test]
fn plain_text_of_html_reads_like_a_message() {
    assert_eq!(
        html_to_text("<div>one</div><div>two</div><div><br></div><div>three</div>"),
        "one\ntwo\n\nthree"
    );
    assert_eq!(html_to_text("<p>a\n  b</p><p>c</p>"), "a b\n\nc");
    assert_eq!(html_to_text("<ul><li>x</li><li>y</li></ul>z"), "- x\n- y\n\nz");
    assert_eq!(
        html_to_text("new<blockquote>old<br>older<blockquote>oldest</blockquote></blockquote>"),
        "new\n> old\n> older\n>> oldest"
    );
    assert_eq!(html_to_text("<pre>a  b\n  c</pre>d"), "a  b\n  c\nd");
    assert_eq!(
        html_to_text("<style>x{}</style><title>t</title>a&nbsp;&eacute;&#x20AC;&bogus;"),
        "a é€&bogus;"
    );
    assert_eq!(html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"), "a b\nc");
    assert_eq!(html_to_text("x<!-- no -->y<img alt=':)'><img alt='a long name of a logo'>"), "xy:)");
}

#[test]
fn deep_and_unclosed_html_costs_time_linear_in_its_length() {
    for piece in [
        "<div>",
        "<b>",
        "<p><b>",
        "<a href=x>",
        "<!--",
        "<!>",
        "<",
        "</",
        "<script>",
        "</b>",
        "&",
        "&#",
        "<table><tr><td>",
        "<li>",
        "<blockquote>",
        "<a \"",
        "<p ='",
    ] {
        let html = piece.repeat(300_000 / piece.len());
        let safe = sanitize_html(&html);
        assert_sanitized(&safe);
        assert!(html_to_text(&html).len() <= 8 << 20);
    }
}

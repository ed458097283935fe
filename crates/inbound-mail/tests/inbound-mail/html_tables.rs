//! Tables of HTML: what each tag becomes, what vanishes with its content, how text is written, which targets are shown.

use inbound_mail::{html_to_text, sanitize_html};

use crate::fixtures::{email, multipart};

#[test]
fn each_tag_becomes_its_harmless_form_or_vanishes() {
    let becomes: [(&str, &str); 8] = [
        ("p h1 h2 h3 h4 h5 h6", "p"),
        ("div tr table center section article header footer dl dt dd", "div"),
        ("b strong", "b"),
        ("i em cite", "i"),
        ("u ins", "u"),
        ("s del strike", "s"),
        ("code tt kbd samp", "code"),
        ("ul ol blockquote pre sub sup li", ""),
    ];
    for (names, form) in becomes {
        for name in names.split(' ') {
            let form = if form.is_empty() { name } else { form };
            let expected = format!("<{form}>x</{form}>");
            for html in [
                format!("<{name}>x</{name}>"),
                format!("<{}>x</{}>", name.to_uppercase(), name.to_uppercase()),
                format!("<{name} class='a' style=\"b\" onclick=c>x</{name} >"),
                format!("<{name}/>x"),
                format!("<{name}>x"),
            ] {
                assert_eq!(sanitize_html(&html), expected, "{html}");
            }
        }
    }
    for name in "html body span font small big img input button form label svg math video audio object embed link meta \
                 base noscript template slot details summary marquee blink applet x-y"
        .split(' ')
    {
        assert_eq!(sanitize_html(&format!("<{name} id=a>x</{name}>y")), "xy", "{name}");
        assert_eq!(sanitize_html(&format!("</{name}>x")), "x", "{name}");
    }
}

#[test]
fn what_a_browser_reads_as_raw_text_is_no_text_of_the_message() {
    for name in ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "select"] {
        for hidden in [
            format!("<{name}>no</{name}>"),
            format!("<{name} a='>'>no</{name}>"),
            format!("<{}>no</{name} x>", name.to_uppercase()),
            format!("<{name}><b>no</b></{name}>"),
            format!("<{name}><!-- </{name}>"),
            format!("<{name}>no</ {name}></{name}\n>"),
            format!("<{name}>no</x></{name}>"),
        ] {
            assert_eq!(sanitize_html(&format!("a{hidden}b")), "ab", "{hidden}");
            assert_eq!(html_to_text(&format!("a{hidden}b")), "ab", "{hidden}");
        }
        assert_eq!(sanitize_html(&format!("a<{name}>never ends")), "a", "{name}");
        assert_eq!(html_to_text(&format!("a</{name}>b")), "ab", "{name} without a beginning");
    }
}

#[test]
fn comments_and_declarations_end_as_in_a_browser() {
    for hidden in [
        "<!-- no -->",
        "<!---->",
        "<!-->",
        "<!-- <b> -->",
        "<!-- a -- b -->",
        "<!DOCTYPE html>",
        "<!x>",
        "<?xml version='1.0'?>",
        "<![CDATA[no]]>",
    ] {
        assert_eq!(sanitize_html(&format!("a{hidden}b")), "ab", "{hidden}");
        assert_eq!(html_to_text(&format!("a{hidden}b")), "ab", "{hidden}");
    }
    for endless in ["<!-- no", "<!-- no ->", "<!x", "<?x"] {
        assert_eq!(sanitize_html(&format!("a{endless}")), "a", "{endless}");
    }
}

#[test]
fn text_is_written_so_that_it_stays_text() {
    for (html, safe) in [
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("&amp;lt;", "&amp;lt;"),
        ("'\"", "&#39;&quot;"),
        ("&#60;script&#62;", "&lt;script&gt;"),
        ("&#x3c;script&#x3E;", "&lt;script&gt;"),
        ("&quot;&apos;", "&quot;&#39;"),
        ("&bogus; & &; &#; &# &#x;", "&amp;bogus; &amp; &amp;; &amp;#; &amp;# &amp;#x;"),
        ("&lt &gt", "&amp;lt &amp;gt"),
        ("&eacute;&euro;&hellip;", "é€…"),
        ("a\u{202e}b\u{2069}c", "abc"),
        ("&#x202e;x", "x"),
        ("a\u{1b}b\u{0}c\u{7f}d", "a b c d"),
        ("a\nb\tc\rd", "a\nb\tc d"),
        ("<3 and <- and a<b", "&lt;3 and &lt;- and a&lt;b"),
        ("< b>x", "&lt; b&gt;x"),
        ("</ b>x", "&lt;/ b&gt;x"),
        ("<1>x", "&lt;1&gt;x"),
        ("a <b x='", "a &lt;b x=&#39;"),
    ] {
        assert_eq!(sanitize_html(html), safe, "{html:?}");
    }
}

#[test]
fn open_tags_are_closed_in_order_and_stray_ends_are_dropped() {
    for (html, safe) in [
        ("<b><i><u>x", "<b><i><u>x</u></i></b>"),
        ("</b>x</p></li>", "x"),
        ("<b><b>x</b>y</b>", "<b>x</b>y"),
        ("<sub><sub>x</sub>y</sub>", "<sub><sub>x</sub>y</sub>"),
        ("<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>"),
        ("<p><b>a<p>b", "<p><b>a</b></p><p>b</p>"),
        ("<p>a<hr>b", "<p>a</p><hr>b"),
        ("<p>a<br>b", "<p>a<br>b</p>"),
        (
            "<ul><li>a<ol><li>b<li>c</ol><li>d</ul>",
            "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>",
        ),
        ("<li>a<li>b", "<li>a</li><li>b</li>"),
        ("<tr><td>a<td>b<th>c</tr>", "<div> a b c</div>"),
        ("<div></p>x</div>", "<div>x</div>"),
        ("<b></i>x</b>", "<b>x</b>"),
    ] {
        assert_eq!(sanitize_html(html), safe, "{html}");
    }
    let deep = |depth: usize| sanitize_html(&format!("{}x", "<div>".repeat(depth)));
    assert_eq!(deep(50), format!("{}x{}", "<div>".repeat(50), "</div>".repeat(50)));
    assert_eq!(deep(51), deep(50), "a deeper tag is dropped, its text stays");
}

#[test]
fn a_link_shows_its_target_unless_its_text_does() {
    for (target, words, shown) in [
        ("https://a.example", "a.example", None),
        ("https://a.example/", "https://a.example", None),
        ("http://a.example", "A.EXAMPLE/", None),
        ("mailto:jo@a.example", "jo@a.example", None),
        ("https://a.example", " a.example ", None),
        ("https://a.example", "b.example", Some("https://a.example")),
        ("https://a.example.evil.example", "a.example", Some("https://a.example.evil.example")),
        ("https://a.example@evil.example", "a.example", Some("https://a.example@evil.example")),
        ("HTTPS://a.example/x", "here", Some("HTTPS://a.example/x")),
        ("https://a.example/%3Cb%3E", "here", Some("https://a.example/%3Cb%3E")),
        (" https://a.exa\nmple/\tx ", "here", Some("https://a.example/x")),
        ("https://a.example/?a&amp;b", "here", Some("https://a.example/?a&amp;b")),
        ("https://a.example/&#39;&lt;", "here", Some("https://a.example/&#39;&lt;")),
        ("javascript:alert(1)", "here", None),
        ("JavaScript:alert(1)", "here", None),
        ("java\nscript:alert(1)", "here", None),
        ("data:text/html,x", "here", None),
        ("vbscript:x", "here", None),
        ("file:///etc/passwd", "here", None),
        ("ftp://a.example", "here", None),
        ("//a.example/x", "here", None),
        ("/x", "here", None),
        ("#top", "here", None),
        ("", "here", None),
    ] {
        let expected = shown.map_or(words.to_owned(), |shown| format!("{words} &lt;{shown}&gt;"));
        assert_eq!(sanitize_html(&format!("<a href=\"{target}\">{words}</a>")), expected, "{target}");
    }
    let long = format!("https://a.example/{}", "x".repeat(400));
    let shown = sanitize_html(&format!("<a href={long}>here</a>"));
    assert_eq!(shown, format!("here &lt;{}&gt;", &long[..300]), "at most 300 bytes are shown");
    assert_eq!(
        sanitize_html("<a href=https://a.example>x<a href=https://b.example>y"),
        "x &lt;https://a.example&gt;y &lt;https://b.example&gt;",
        "a link ends the link before it"
    );
    assert_eq!(sanitize_html("<a name=x>y</a></a>"), "y");
}

#[test]
fn an_attribute_is_the_first_of_its_name_however_it_is_quoted() {
    let shown = "x &lt;https://a.example&gt;";
    for tag in [
        "a href=https://a.example",
        "a href='https://a.example'",
        "a href = \"https://a.example\"",
        "a HREF=https://a.example",
        "a\thref=https://a.example",
        "a/href=https://a.example",
        "a id=b href=https://a.example class=c",
        "a download href=https://a.example",
        "a title='href=https://evil.example' href=https://a.example",
        "a title=\"a > b\" href=https://a.example",
        "a href=https://a.example href=https://evil.example",
        "a data-href=https://evil.example href=https://a.example",
    ] {
        assert_eq!(sanitize_html(&format!("<{tag}>x</a>")), shown, "{tag}");
    }
    for tag in [
        "a",
        "a href",
        "a href=",
        "a data-href=https://a.example",
        "a hrefs=https://a.example",
        "ab href=https://a.example",
    ] {
        assert_eq!(sanitize_html(&format!("<{tag}>x</a>")), "x", "{tag}");
    }
}

#[test]
fn plain_text_has_a_line_for_each_block_and_a_mark_for_each_quote() {
    for (html, text) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<h2>a</h2>b", "a\n\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("a<br><br><br><br><br>b", "a\n\n\nb"),
        ("<br><br>a<br><br>", "a"),
        ("<div><div>a</div></div><div>b</div>", "a\nb"),
        ("<dl><dt>a<dd>b</dl>c", "a\nb\n\nc"),
        ("a<hr>b", "a\n________________________________\nb"),
        ("<ol><li>a</li><li>b</li></ol>", "- a\n- b"),
        ("<table><tr><th>a</th><td>b</td></tr></table>", "a b"),
        ("a &nbsp; b", "a  b"),
        (" a  b\n\tc ", "a b c"),
        ("<b>a</b><i>b</i> <u>c</u>", "ab c"),
        ("<pre>a\n\n  b\r\nc</pre>", "a\n\n  b\nc"),
        ("a<pre>\tb</pre>c", "a\n\tb\nc"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\nc"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n\n> b"),
        ("</blockquote>a", "a"),
        ("a<img alt='👍'>b<img alt='logo'>c<img alt='a logo'>d<img>e", "a👍blogocde"),
        ("a\u{7}b", "ab"),
        ("<unknown>a</unknown>", "a"),
        ("", ""),
    ] {
        assert_eq!(html_to_text(html), text, "{html:?}");
    }
    let quoted = |depth: usize| html_to_text(&format!("{}x", "<blockquote>".repeat(depth)));
    assert_eq!(quoted(8), ">>>>>>>> x");
    assert_eq!(quoted(9), ">>>>>>>> x", "at most eight marks");
}

#[test]
fn html_is_read_up_to_a_megabyte() {
    const MB: usize = 1024 * 1024;
    let at = |place: usize| html_to_text(&format!("{}end", " ".repeat(place - 3)));
    assert_eq!(at(MB), "end");
    assert_eq!(at(MB + 1), "en");
    assert_eq!(html_to_text(&format!("{}é", " ".repeat(MB - 1))), "", "a character is not cut in two");
}

#[test]
fn html_of_a_message_is_shown_sanitized_and_its_text_is_searched() {
    let shown = email("Content-Type: text/html", "<p onclick=x>Hi <b>there</b><script>no</script></p>");
    assert!(*shown.html == "<p>Hi <b>there</b></p>" && *shown.text == "Hi there");
    let plain = email("Content-Type: text/plain", "<p>Hi</p>");
    assert!(plain.html.is_empty() && *plain.text == "<p>Hi</p>", "a text that looks like HTML stays text");
    let attached =
        multipart("mixed", ["\r\nhi", "Content-Type: text/html; name=p.html\r\n\r\n<script>no</script>"]);
    assert!(attached.html.is_empty() && attached.files.len() == 1);
}

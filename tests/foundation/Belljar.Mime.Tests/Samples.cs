using System.Text;

namespace Belljar.Mime.Tests;

/// <summary>Inputs that use much of what there is, for cutting and mutating.</summary>
internal static class Samples
{
    public const string Html = """
        <html><head><title>t</title><style>.h{display:none} @media screen{p{color:#fff}} /* c */ #i{color:rgb(1,2,3)}</style></head>
        <body bgcolor="#ffffff"><p class=h style="font-size:0">hidden</p><!-- comment --><a href="https://a.example/?x=1&amp;y=2">link</a>
        <ul><li>one<li>two<ol start=7><li>three</ol></ul><table><tr><th>a<td>b</table><blockquote>q<br>r</blockquote><pre> x  y </pre>
        <img alt="pic" src=cid:1>&nbsp;&#233;<script>if (a < b) {}</script><font color=white>w</font></body></html>
        """;

    public static byte[] Everything { get; } = Encoding.UTF8.GetBytes(
        """
        Received: from a by b; Tue, 1 Jul 2003 10:52:37 +0200
        From: "Ann (A.) Example" <ann@example.com>, =?iso-8859-1?Q?Andr=E9?= <andre@example.org>
        To: A Group:Ed <c@a.test>,joe@where.test;, undisclosed: ;
        Subject: =?utf-8?B?w6TDtsO8?= =?utf-8?Q?_more?=
         folded
        Date: Tue, 1 Jul 2003 10:52:37 +0200
        Message-ID: <1@example.com>
        References: <0@example.com> <a@b>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b"

        preamble
        --b
        Content-Type: multipart/alternative; boundary=c

        --c
        Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes
        Content-Transfer-Encoding: quoted-printable

        flowed =C3=A4 
        text=
         more
        > quoted 
        > line
        --c
        Content-Type: text/html; charset=windows-1252
        Content-Transfer-Encoding: base64

        PHA+aGk8L3A+PGEgaHJlZj0naHR0cHM6Ly9hLmV4YW1wbGUnPng8L2E+
        --c--
        --b
        Content-Type: application/octet-stream; name*0*=utf-8''%e2%82%ac;
         name*1=.bin
        Content-Disposition: attachment; filename="a b.bin"

        begin 644 a.txt
        #86)C
        `
        end
        --b
        Content-Type: text/plain

        begin 644 a.txt
        #86)C
        `
        end

        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: text/calendar; method=REQUEST

        BEGIN:VCALENDAR
        --b--
        epilogue
        """.ReplaceLineEndings("\r\n"));

    public static byte[][] Fields { get; } =
    [
        .. new[]
        {
            "\"Ann (A.) \\\"Example\\\"\" <ann@example.com>, =?iso-8859-1?Q?Andr=E9?= (c (d)) <@r:andre@example.org>",
            "A Group:Ed <c@a.test>,\"q u\"@where.test,x @ y . z;, undisclosed: ;",
            "=?utf-8?B?w6TDtsO8?= =?utf-8?Q?_more?=\r\n folded =?x",
            "Tue, 1 Jul 2003 (comment) 10:52:37 +0200",
            "<0@example.com> <a(b)@b> c",
            "multipart/mixed (x); boundary=\"b\\\"\"; name*0*=utf-8''%e2%82%ac;\r\n name*1=.bin; x=y z",
        }.Select(Encoding.UTF8.GetBytes),
    ];
}

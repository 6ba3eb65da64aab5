using System.Globalization;
using System.Net;
using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>
/// The one page of a decoy's site. No two decoys share its text or its form: a product's own welcome page would either be
/// copied, or be a fingerprint of ours.
/// </summary>
/// <param name="Html">The bytes.</param>
/// <param name="Modified">When its file was written; whole seconds.</param>
/// <param name="Microseconds">What came after those seconds: Apache shows it in the ETag, and round ones are rare.</param>
internal sealed record SitePage(byte[] Html, DateTimeOffset Modified, int Microseconds = 0)
{
    private static readonly DateTimeOffset Earliest = new(2024, 10, 7, 6, 30, 0, TimeSpan.Zero);
    private const int SpanDays = 420;

    public static SitePage Of(DecoyIdentity identity, string? title)
    {
        var words = SiteWords.Of(identity);
        var modified = Earliest.AddDays(identity.Between("site.day", 0, SpanDays)).AddSeconds(identity.Between("site.second", 0, 36_000));
        var heading = title ?? words.Heading;
        var html = identity.Pick("site.layout", Layouts)(new Content(identity, words, WebUtility.HtmlEncode(heading), modified.Year));
        return new SitePage(Encoding.ASCII.GetBytes(html), modified, (int)identity.Between("site.microsecond", 1, 999_999));
    }

    private sealed record Content(DecoyIdentity Identity, SiteWords Words, string Heading, int Year)
    {
        public string Colour(string what) => string.Create(CultureInfo.InvariantCulture, $"#{Identity.Between("site.colour." + what, 0x101010, 0x6f6f6f):x6}");

        public string Font => Identity.Pick("site.font", ["Arial, sans-serif", "Verdana, Geneva, sans-serif", "Georgia, serif", "'Segoe UI', Tahoma, sans-serif", "sans-serif"]);

        public string Items(string open, string close) => string.Concat(Words.Items.Select(item => $"{open}{item}{close}\n"));
    }

    private static readonly Func<Content, string>[] Layouts = [Column, Table, Plain, Card];

    private static string Column(Content c) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <title>{{c.Heading}}</title>
          <style>
            body { font-family: {{c.Font}}; max-width: {{c.Identity.Between("site.width", 34, 52)}}em; margin: {{c.Identity.Between("site.margin", 1, 5)}}em auto; color: {{c.Colour("text")}}; }
            h1 { border-bottom: 2px solid {{c.Colour("line")}}; }
            footer { font-size: small; color: #888; }
          </style>
        </head>
        <body>
          <h1>{{c.Heading}}</h1>
          <p>{{c.Words.Sentence}}</p>
          <ul>
        {{c.Items("    <li>", "</li>")}}  </ul>
          <footer>&copy; {{c.Year}} {{c.Words.Organisation}}. {{c.Words.Footer}}</footer>
        </body>
        </html>

        """;

    private static string Table(Content c) => $$"""
        <html>
        <head>
        <title>{{c.Heading}}</title>
        <meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
        </head>
        <body bgcolor="#ffffff" text="{{c.Colour("text")}}" link="{{c.Colour("link")}}">
        <table width="{{c.Identity.Between("site.width", 560, 860)}}" border="0" cellspacing="0" cellpadding="{{c.Identity.Between("site.padding", 2, 9)}}" align="center">
        <tr><td><font face="{{c.Font}}"><h2>{{c.Heading}}</h2></font></td></tr>
        <tr><td>{{c.Words.Sentence}}</td></tr>
        {{c.Items("<tr><td>- ", "</td></tr>")}}<tr><td><hr><small>{{c.Words.Organisation}} - {{c.Words.Footer}}</small></td></tr>
        </table>
        </body>
        </html>

        """;

    private static string Plain(Content c) => $$"""
        <!doctype html>
        <title>{{c.Heading}}</title>
        <h3>{{c.Heading}}</h3>
        <p>{{c.Words.Sentence}}
        {{c.Items("<p>", "")}}<p><i>{{c.Words.Footer}}</i>

        """;

    private static string Card(Content c) => $$"""
        <!DOCTYPE html>
        <html>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{{c.Heading}} | {{c.Words.Organisation}}</title>
        <style>
        html { background: {{c.Colour("ground")}}; font: {{c.Identity.Between("site.size", 14, 18)}}px {{c.Font}}; }
        .{{c.Words.Class}} { background: #fff; border-radius: {{c.Identity.Between("site.radius", 2, 14)}}px; margin: 10vh auto; padding: 2rem; width: 28rem; max-width: 90vw; }
        </style>
        </head>
        <body>
        <div class="{{c.Words.Class}}">
        <h1>{{c.Heading}}</h1>
        <p>{{c.Words.Sentence}}</p>
        {{c.Items("<p>", "</p>")}}<p><small>{{c.Words.Footer}}</small></p>
        </div>
        </body>
        </html>

        """;
}

namespace Belljar.Web.Html;

/// <summary>What stands around every page.</summary>
internal static class Page
{
    public static Markup Of(string title, Markup main) => Markup.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title} · Belljar</title>
        <link rel="icon" href="/assets/mark.svg">
        <link rel="stylesheet" href="/assets/console.css">
        <script src="/assets/console.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">To the content</a>
        <header><img src="/assets/mark.svg" alt="" width="34" height="34"><h1>Belljar</h1><p class="motto">Untrusted actors under glass</p></header>
        <main id="main">
        {main}
        </main>
        </body>
        </html>

        """);

    /// <summary>A page that says one thing, without style: what it would need is behind the door too.</summary>
    public static Markup Plain(string title, Markup text) => Markup.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{title}</title></head>
        <body><h1>{title}</h1>{text}</body>
        </html>

        """);
}

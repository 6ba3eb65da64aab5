using System.Net;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Belljar.Mail.Outgoing.Composing;

/// <summary>
/// Markdown as HTML that mail programs show alike: styles stand inline, HTML in the source is shown as text, links lead to the web
/// or to an address, pictures are links (one that loads from afar says when it was read).
/// </summary>
public static class MarkdownHtml
{
    /// <summary>Deeper quotes and lists than this are shown as their source: nobody writes them, and a renderer recurses.</summary>
    private const int DeepestNesting = 100;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseEmphasisExtras().UseAutoLinks().UseTaskLists().Build();

    private static readonly string[] Schemes = ["http", "https", "mailto"];

    public static string Render(string markdown)
    {
        string body;
        try
        {
            body = RenderBody(markdown);
        }
        catch (ArgumentException)
        {
            // Markdig's own bound on nesting.
            body = Source(markdown);
        }

        return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n"
            + $"<body style=\"font-family:sans-serif;font-size:15px;line-height:1.5;color:#222222\">\n{body}</body></html>\n";
    }

    private static string RenderBody(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        if (Depth(document) > DeepestNesting)
        {
            return Source(markdown);
        }

        foreach (var node in document.Descendants().ToList())
        {
            Style(node);
        }

        return document.ToHtml(Pipeline);
    }

    private static string Source(string markdown) => $"<pre style=\"white-space:pre-wrap\">{WebUtility.HtmlEncode(markdown)}</pre>\n";

    private static int Depth(MarkdownDocument document)
    {
        var deepest = 0;
        foreach (var block in document.Descendants<Block>())
        {
            var depth = 0;
            for (var parent = block.Parent; parent is not null; parent = parent.Parent)
            {
                depth++;
            }

            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    private static void Style(MarkdownObject node)
    {
        switch (node)
        {
            case LinkInline link:
                link.IsImage = false;
                link.Url = IsHarmless(link.Url) ? link.Url : "";
                link.GetDynamicUrl = null;
                SetStyle(link, "color:#0b57d0");
                break;
            case AutolinkInline link when !link.IsEmail && !IsHarmless(link.Url):
                link.ReplaceBy(new LiteralInline(link.Url));
                break;
            case HeadingBlock heading:
                SetStyle(heading, $"font-size:{Math.Max(15, 26 - (3 * heading.Level))}px;line-height:1.3;margin:18px 0 8px 0");
                break;
            case QuoteBlock quote:
                SetStyle(quote, "border-left:3px solid #cccccc;margin:8px 0;padding-left:12px;color:#555555");
                break;
            case CodeBlock code:
                SetStyle(code, "font-family:monospace;white-space:pre-wrap");
                break;
            case CodeInline code:
                SetStyle(code, "font-family:monospace;background:#f2f2f2");
                break;
            case Table table:
                SetStyle(table, "border-collapse:collapse");
                break;
            case TableCell cell:
                SetStyle(cell, "border:1px solid #cccccc;padding:4px 8px");
                break;
        }
    }

    private static void SetStyle(MarkdownObject node, string style) => node.GetAttributes().AddProperty("style", style);

    private static bool IsHarmless(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && Array.IndexOf(Schemes, parsed.Scheme) >= 0;
}

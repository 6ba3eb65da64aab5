using System.Diagnostics;
using System.Text;
using Belljar.Mime;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;

namespace Belljar.Bench;

/// <summary>Parsing, reading and composing messages of three sizes: the allocations of a parse follow the parts, not the bytes.</summary>
internal sealed class MimeBenchmark : IBenchmark
{
    private static readonly TimeSpan OneRun = TimeSpan.FromSeconds(1);

    public string Name => "mime";

    public string Summary => "parse, read and compose messages: MB/s and allocated bytes per message";

    public Task RunAsync(CancellationToken ct)
    {
        foreach (var kilobytes in new[] { 2, 20, 2000 })
        {
            var message = Message(kilobytes * 1024);
            var raw = message.ToBytes();
            var parts = MimeMessage.Parse(raw).Parts.Count();
            var size = $"{raw.Length / 1024.0:0} kB, {parts} parts";
            Measure($"parse    {size}", raw.Length, () => MimeMessage.Parse(raw).Root.End, ct);
            Measure($"listing  {size}", raw.Length, () => Listing(MimeMessage.Parse(raw)), ct);
            Measure($"read     {size}", raw.Length, () => Read(MimeMessage.Parse(raw)), ct);
            Measure($"compose  {size}", raw.Length, () => message.ToBytes().Length, ct);
        }

        var html = Html(20 * 1024);
        Measure("html → text 20 kB", html.Length, () => HtmlText.Convert(html).Text.Length, ct);
        return Task.CompletedTask;
    }

    /// <summary>What a list of messages needs: the header alone.</summary>
    private static int Listing(MimeMessage message) =>
        message.From.Count + message.To.Count + (message.Subject?.Length ?? 0) + (message.Date?.Day ?? 0) + (message.MessageId?.Length ?? 0);

    private static int Read(MimeMessage message) => Listing(message) + message.TextBody.Length + message.Attachments.Sum(file => file.Decode().Length);

    private static OutgoingMessage Message(int size)
    {
        var text = new StringBuilder();
        while (text.Length < size / 4)
        {
            text.Append("A line of a letter with some words in it, and an umlaut: ä.\n");
        }

        var file = new byte[size / 2];
        new Random(1).NextBytes(file);
        return new OutgoingMessage
        {
            From = [new MailAddress("Ann Example", "ann@a.example")],
            To = [new MailAddress("Bob Müller", "bob@b.example"), new MailAddress(null, "carol@c.example")],
            Subject = "Grüße from the benchmark",
            Date = new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero),
            MessageId = "1@a.example",
            References = ["0@a.example"],
            Fields = [.. Enumerable.Range(0, 12).Select(i => KeyValuePair.Create($"X-Field-{i}", $"value number {i} of a field that some relay has added on its way"))],
            Body = OutgoingPart.Of(text.ToString(), $"<p>{text}</p>", new OutgoingFile("file.bin", "application/octet-stream", file)),
        };
    }

    private static string Html(int size)
    {
        var html = new StringBuilder("<style>.a{color:#333}</style><table>");
        while (html.Length < size)
        {
            html.Append("<tr><td class=a style=\"padding:4px;color:#222\"><a href=\"https://a.example/x?y=1&amp;z=2\">Some words</a> and&nbsp;more</td><td>12.50</td></tr>");
        }

        return html.Append("</table>").ToString();
    }

    private static void Measure(string what, int bytes, Func<int> work, CancellationToken ct)
    {
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < OneRun / 2;)
        {
            work();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var count = 0L;
        while (clock.Elapsed < OneRun && !ct.IsCancellationRequested)
        {
            work();
            count++;
        }

        var seconds = clock.Elapsed.TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Console.WriteLine($"  {what,-32} {seconds / count * 1e6,10:0.0} µs   {bytes * count / seconds / 1e6,8:0} MB/s   {allocated / count,10:N0} B allocated");
    }
}

using System.Text;
using Belljar.Mail.Storage;
using Belljar.Mime;

namespace Belljar.Mcp.Tests;

public sealed class SendingTests
{
    [Fact]
    public async Task Send_WithTheSameKey_SendsOnce()
    {
        await using var mail = new McpMail();
        await mail.StartDaemonAsync();
        await using var client = await mail.ConnectAsync();
        (string, object?)[] message = [("mailbox", "agent"), ("to", new[] { "other@mx.test" }), ("subject", "once"), ("body", "x **y**"), ("wait", true), ("idempotency_key", "k 1")];

        var (first, result) = await McpMail.CallAsync(client, "email_send", message);
        var (second, _) = await McpMail.CallAsync(client, "email_send", message);
        var (third, refused) = await McpMail.CallAsync(client, "email_send", [.. message[..3], ("body", "another"), .. message[4..]]);

        Assert.False(result.IsError, first);
        Assert.Equal(first, second);
        Assert.Equal(first, $"accepted as <{result.StructuredContent!.Value.GetProperty("message_id").GetString()}>");
        Assert.True(refused.IsError);
        Assert.StartsWith("[VALIDATION] this idempotency key", third);
        Assert.Equal(1, mail.Count("other"));
        var raw = MimeMessage.Parse(await File.ReadAllBytesAsync(mail.Stored("other").RawPath!, TestContext.Current.CancellationToken));
        Assert.NotNull(raw.Date);
        Assert.Contains("<strong>y</strong>", raw.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reply_WithTheSameKey_SendsOnce()
    {
        await using var mail = new McpMail();
        await mail.StartDaemonAsync();
        var id = await mail.DeliverAsync("question", headers: "Reply-To: other@mx.test\n");
        await using var client = await mail.ConnectAsync();
        (string, object?)[] answer = [("mailbox", "agent"), ("id", id), ("body", "yes"), ("wait", true), ("idempotency_key", "k")];

        Assert.Equal((await McpMail.CallAsync(client, "email_reply", answer)).Text, (await McpMail.CallAsync(client, "email_reply", answer)).Text);
        Assert.Equal(1, mail.Count("other"));
    }

    [Fact]
    public async Task Attachments_AreSentAndReadBack()
    {
        await using var mail = new McpMail();
        await mail.StartDaemonAsync();
        await using var client = await mail.ConnectAsync();
        var files = new object[]
        {
            new { name = "ünï.csv", content_type = "text/csv", text = "a,b\n1,2\n" },
            new { name = "b.bin", base64 = Convert.ToBase64String([0, 1, 255]) },
        };

        var (text, sent) = await McpMail.CallAsync(
            client, "email_send", ("mailbox", "agent"), ("to", new[] { "agent@mx.test" }), ("subject", "files"), ("body", "see"), ("attachments", files), ("wait", true));

        Assert.False(sent.IsError, text);
        var arrived = MimeMessage.Parse(await File.ReadAllBytesAsync(mail.Stored("agent").RawPath!, TestContext.Current.CancellationToken));
        Assert.Equal(["ünï.csv", "b.bin"], arrived.Attachments.Select(part => part.FileName));
        Assert.Equal(["text/csv", "application/octet-stream"], arrived.Attachments.Select(part => part.MediaType));
        Assert.Equal("a,b\n1,2\n", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(mail.Stored("agent").AttachmentPaths[0], TestContext.Current.CancellationToken)));
        Assert.Equal([0, 1, 255], await File.ReadAllBytesAsync(mail.Stored("agent").AttachmentPaths[1], TestContext.Current.CancellationToken));
        var id = mail.Stored("agent").Summary.Id;
        Assert.Contains("\na,b\n1,2\n----- END ATTACHMENT", (await McpMail.CallAsync(client, "attachment_read", ("mailbox", "agent"), ("id", id), ("name", "ünï.csv"))).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "needs either text or base64")]
    [InlineData("""{"name":"a","text":"x","base64":"eA=="}""", "needs either text or base64")]
    [InlineData("""{"name":"a","base64":"not base64"}""", "as base64 is none")]
    [InlineData("""{"name":"","text":"x"}""", "needs a name")]
    [InlineData("""{"name":"a","text":"x","content_type":"message/rfc822"}""", "no content type")]
    [InlineData("""{"name":"a","text":"x","content_type":"text/plain; charset=x"}""", "no content type")]
    [InlineData("""{"name":"a\nb","text":"x"}""", "'attachments[0].name' must be one line")]
    [InlineData("""{"path":"/etc/passwd"}""", "'attachments[0].path' is no argument")]
    public async Task Attachments_ThatCannotBe_AreRefused(string attachment, string reason)
    {
        await using var mail = new McpMail();
        await mail.StartDaemonAsync();
        await using var client = await mail.ConnectAsync();
        var file = System.Text.Json.JsonDocument.Parse(attachment).RootElement;

        var (text, result) = await McpMail.CallAsync(
            client, "email_send", ("mailbox", "agent"), ("to", new[] { "agent@mx.test" }), ("subject", "s"), ("body", "b"), ("attachments", new[] { file }));

        Assert.True(result.IsError);
        Assert.StartsWith("[VALIDATION]", text);
        Assert.Contains(reason, text, StringComparison.Ordinal);
        Assert.Equal(0, mail.Count("agent", MailFolder.Sent));
    }
}

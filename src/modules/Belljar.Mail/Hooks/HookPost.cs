using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Belljar.Mail.Hooks;

/// <summary>
/// Tells a hook's address: JSON, signed. <c>Belljar-Signature: t=UNIXTIME,v1=HEX</c>, where HEX is HMAC-SHA256 of
/// <c>UNIXTIME.BODY</c>; the time is signed too, so that what was overheard cannot be sent again later.
/// </summary>
internal sealed class HookPost(TimeProvider clock) : IDisposable
{
    private const int LongestMarkdown = 256 * 1024;

    // No redirects: the operator named one address, and the signature is for it.
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    public async Task<HookResult> SendAsync(HookCall call, HookAction.Post target, string path, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(call.Hook.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            var secret = Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(target.SecretFile, either.Token)).Trim());
            if (secret.Length == 0)
            {
                return new HookResult("not_started", Error: $"{target.SecretFile} is empty");
            }

            using var request = Request(call, target, secret, await BodyAsync(call, path, either.Token));
            using var response = await _http.SendAsync(request, either.Token);
            return new HookResult(response.IsSuccessStatusCode ? "ok" : "failed", (int)response.StatusCode);
        }
        catch (OperationCanceledException)
        {
            return new HookResult("timeout");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return new HookResult("not_started", Error: failed.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HookCall call, HookAction.Post target, byte[] secret, byte[] body)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(secret, (byte[])[.. Encoding.ASCII.GetBytes(time + "."), .. body]);
        var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Belljar-Signature", $"t={time},v1={Convert.ToHexStringLower(signature)}");
        request.Headers.TryAddWithoutValidation("Belljar-Hook", call.Hook.Name);
        return request;
    }

    private static async Task<byte[]> BodyAsync(HookCall call, string path, CancellationToken ct)
    {
        var message = call.Delivery.Message;
        var markdown = await File.ReadAllBytesAsync(path, ct);
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("event", call.Event);
        json.WriteString("mailbox", message.Mailbox);
        json.WriteString("id", message.Id);
        json.WriteString("message_id", message.Content.MessageId);
        json.WriteString("from", message.Content.From);
        json.WriteString("to", message.Content.To);
        json.WriteString("subject", message.Content.Subject);
        json.WriteString("received_at", call.Delivery.ReceivedAt);
        json.WriteString("trusted", message.Trusted);
        json.WriteString("markdown", Encoding.UTF8.GetString(markdown.AsSpan(0, Math.Min(markdown.Length, LongestMarkdown))));
        json.WriteBoolean("truncated", markdown.Length > LongestMarkdown);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }
}

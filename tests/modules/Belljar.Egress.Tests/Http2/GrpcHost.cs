using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress.Tests.Http2;

/// <summary>
/// A host outside that speaks HTTP/2 only, and calls of gRPC on it, without the packages that are made for that: each message
/// is answered by one that says the same (<c>/t.Echo/Unary</c>, <c>/t.Echo/Chat</c>), by many (<c>/t.Echo/Many</c>), or by
/// the head of the call (<c>/t.Echo/Head</c>).
/// </summary>
internal sealed class GrpcHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GrpcHost(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.UseHttps(Identity.Server);
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public IPEndPoint Address => IPEndPoint.Parse(new Uri(_app.Urls.First()).Authority);

    /// <summary>What arrived whole, as text.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>The heads that arrived.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    public static async Task<GrpcHost> StartAsync(HttpProtocols protocols = HttpProtocols.Http2)
    {
        var host = new GrpcHost(protocols);
        await host._app.StartAsync();
        return host;
    }

    /// <summary>A message with its prefix.</summary>
    public static byte[] Framed(ReadOnlySpan<byte> message, bool compressed = false)
    {
        var body = message.ToArray();
        if (compressed)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            {
                gzip.Write(message);
            }

            body = packed.ToArray();
        }

        return [(byte)(compressed ? 1 : 0), (byte)(body.Length >> 24), (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    /// <summary>A protobuf message with one field, of type string.</summary>
    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.True(bytes.Length < 128);
        return [0x0a, (byte)bytes.Length, .. bytes];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <returns>Null at the end of the stream.</returns>
    public static async Task<byte[]?> ReadMessageAsync(Stream body)
    {
        var prefix = new byte[5];
        if (await body.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false) < 5)
        {
            return null;
        }

        var message = new byte[(prefix[1] << 24) | (prefix[2] << 16) | (prefix[3] << 8) | prefix[4]];
        await body.ReadExactlyAsync(message);
        return message;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var head = $"{context.Request.Protocol} {context.Request.Method} {context.Request.Path}\n"
            + string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value}\n"));
        Heads.Enqueue(head);
        context.Response.ContentType = "application/grpc";
        try
        {
            // The head of the answer goes out before there is anything to say, as in a call where the server may speak first.
            await context.Response.Body.FlushAsync();
            while (await ReadMessageAsync(context.Request.Body) is { } message)
            {
                Messages.Enqueue(Encoding.Latin1.GetString(message));
                var answer = context.Request.Path == "/t.Echo/Head" ? Text(head[..Math.Min(head.Length, 120)]) : message;
                for (var i = 0; i < (context.Request.Path == "/t.Echo/Many" ? 3 : 1); i++)
                {
                    await context.Response.Body.WriteAsync(Framed(answer));
                    await context.Response.Body.FlushAsync();
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return;
        }

        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { } trailers)
        {
            return; // HTTP/1.1
        }

        trailers["grpc-status"] = context.Request.Path == "/t.Echo/Fails" ? "5" : "0";
        if (context.Request.Path == "/t.Echo/Fails")
        {
            trailers["grpc-message"] = "nothing of that name";
        }
    }
}

using System.Net.Sockets;
using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Ftp;

/// <content>The second connection, on which lists and files go.</content>
internal sealed partial class FtpDialogue
{
    private static readonly TimeSpan SendTime = TimeSpan.FromMinutes(5);

    private Step Passive(string verb, string argument)
    {
        if (verb is "EPSV" && argument.Length > 0 && argument is not ("1" or "2"))
        {
            return Say(argument.Equals("ALL", StringComparison.OrdinalIgnoreCase) ? "200 EPSV ALL ok." : "522 Bad network protocol.");
        }

        _passive?.Dispose();
        try
        {
            _passive = new FtpPassive(local);
        }
        catch (SocketException)
        {
            // No descriptor or no port is left: vsftpd gives up here, too.
            return Say("500 OOPS: vsf_sysutil_bind").Closing();
        }

        var port = _passive.Endpoint.Port;
        return Say(verb is "EPSV"
            ? $"229 Entering Extended Passive Mode (|||{port}|)"
            : $"227 Entering Passive Mode ({string.Join(',', local.MapToIPv4().GetAddressBytes())},{port >> 8},{port & 0xff}).");
    }

    private Step Transfer(Func<FtpDialogue, FtpData> prepare)
    {
        if (_passive is not { } passive)
        {
            return Say("425 Use PORT or PASV first.");
        }

        _passive = null;
        var data = prepare(this);
        return new Step { Work = ct => TransferAsync(passive, data, ct) };
    }

    private async Task<Step> TransferAsync(FtpPassive passive, FtpData data, CancellationToken ct)
    {
        using var waiting = passive;
        if (data.Bytes is null)
        {
            return Say(data.Last);
        }

        var connection = _data = await passive.AcceptAsync(remote, clock, ct);
        if (connection is null)
        {
            return Say("425 Failed to establish connection.");
        }

        return Say(data.First) with { Reports = data.Reports, Work = end => SendAsync(connection, data, end) };
    }

    private async Task<Step> SendAsync(Socket connection, FtpData data, CancellationToken ct)
    {
        using var closing = connection;
        try
        {
            using var deadline = new Deadline(SendTime, clock, ct);
            await using var stream = new NetworkStream(connection);
            await stream.WriteAsync(data.Bytes!, deadline.Token);
            connection.Shutdown(SocketShutdown.Send);
            return Say(data.Last);
        }
        catch (Exception broken) when (broken is IOException or SocketException || (broken is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return Say("426 Failure writing network stream.");
        }
    }

    private FtpData Listing(FtpFolder folder, string argument, bool isLong) => new(
        "150 Here comes the directory listing.", Encoding.Latin1.GetBytes(folder.List(argument, isLong, clock.GetUtcNow())), "226 Directory send OK.", []);

    private FtpData File(FtpFolder folder, string path)
    {
        if (folder.Find(path) is not { Content: { } content } file)
        {
            return new FtpData("", null, "550 Failed to open file.", []);
        }

        var mode = _isBinary ? "BINARY" : "ASCII";
        return new FtpData($"150 Opening {mode} mode data connection for {path} ({content.Length} bytes).", content, "226 Transfer complete.", [new FileDown(file.Path, content.Length)]);
    }

    /// <param name="First">Said when the connection is there.</param>
    /// <param name="Bytes">Null: there is nothing to send.</param>
    /// <param name="Last">Said at the end.</param>
    private sealed record FtpData(string First, byte[]? Bytes, string Last, IReadOnlyList<Report> Reports);
}

using System.Globalization;
using System.Security.Cryptography;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Smtp;

/// <content>Messages: counted and hashed as they come, and kept by nobody.</content>
internal sealed partial class SmtpDialogue
{
    private static readonly byte[] End = "\r\n.\r\n"u8.ToArray();

    private IncrementalHash? _hash;
    private long _size;
    private long _chunk;
    private bool _isLastChunk;
    private bool _atStart;

    private Step Data(string argument)
    {
        if (!_hasSender || _recipients == 0)
        {
            return Say(_hasSender ? "554 5.5.1 Error: no valid recipients" : "503 5.5.1 Error: need RCPT command");
        }

        if (argument.Length > 0)
        {
            return Say("501 5.5.4 Syntax: DATA");
        }

        (_askedForMessage, _atStart) = (true, true);
        return Say("354 End data with <CR><LF>.<CR><LF>");
    }

    private Step Message(ReadOnlySpan<byte> unread)
    {
        if (_atStart && unread.StartsWith(".\r\n"u8))
        {
            return Finished().After(3);
        }

        if (unread.IndexOf(End) is >= 0 and var end)
        {
            Append(unread[..(end + 2)]);
            return Finished().After(end + End.Length);
        }

        // What may be the beginning of the end stays.
        var sure = unread.Length - End.Length;
        if (sure <= 0)
        {
            return Step.NeedsMore;
        }

        _atStart = false;
        Append(unread[..sure]);
        return new Step { Consumed = sure };
    }

    private Step BeginChunk(string argument)
    {
        var words = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 1 or > 2 || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out _chunk)
            || (words.Length == 2 && !words[1].Equals("LAST", StringComparison.OrdinalIgnoreCase)))
        {
            return Say("521 5.5.4 Syntax: BDAT count [LAST]").Closing();
        }

        _isLastChunk = words.Length == 2;
        return _chunk > 0 ? new Step() : ChunkEnded();
    }

    private Step Chunk(ReadOnlySpan<byte> unread)
    {
        var taken = (int)Math.Min(unread.Length, _chunk);
        _chunk -= taken;
        Append(unread[..taken]);
        return (_chunk > 0 ? new Step() : ChunkEnded()).After(taken);
    }

    private Step ChunkEnded()
    {
        if (!_hasSender || _recipients == 0)
        {
            return Say(_hasSender ? "554 5.5.1 Error: no valid recipients" : "503 5.5.1 Error: need RCPT command");
        }

        return _isLastChunk ? Finished() : Say($"250 2.0.0 Ok: {_size} bytes");
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _hash.AppendData(bytes);
        _size += bytes.Length;
    }

    private Step Finished()
    {
        var hash = Convert.ToHexStringLower(_hash?.GetHashAndReset() ?? SHA256.HashData([]));
        var size = _size;
        (_askedForMessage, _size) = (false, 0);
        Reset();
        var report = new FileUp("message", size, hash);
        return size > LargestMessage
            ? Say("552 5.3.4 Error: message file too big").Reporting(report)
            : Say($"250 2.0.0 Ok: queued as {Convert.ToHexString(RandomNumberGenerator.GetBytes(6))[..11]}").Reporting(report);
    }
}

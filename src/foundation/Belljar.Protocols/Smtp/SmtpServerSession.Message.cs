using System.Buffers.Text;
using System.Text;

namespace Belljar.Protocols.Smtp;

// The message itself: DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030).
public sealed partial class SmtpServerSession
{
    private MessageScanner _scanner;
    private bool _chunksUnderWay;
    private long _chunkLeft;
    private bool _isLastChunk;
    private SmtpReply? _chunkRefusal;

    private bool IsTooLarge => MessageSize > options.LargestMessage;

    void IMessageBytes.Append(ReadOnlySpan<byte> bytes)
    {
        MessageSize += bytes.Length;
        if (!IsTooLarge)
        {
            sink.Append(bytes);
        }
    }

    private SmtpStep AnswerData()
    {
        var refusal = RefuseMessage() ?? (_chunksUnderWay ? SmtpReplies.ChunksUnderWay : null);
        if (refusal is not null)
        {
            return Replied(refusal, SmtpVerb.Data);
        }

        _state = State.Message;
        return Replied(SmtpReplies.StartMessage, SmtpVerb.Data);
    }

    private SmtpReply? RefuseMessage() => this switch
    {
        { HelloName: null } => SmtpReplies.HelloFirst,
        { Transaction: null } => SmtpReplies.MailFirst,
        { Transaction.Recipients.Count: 0 } => SmtpReplies.NoValidRecipients,
        _ => null,
    };

    private SmtpStep ReadMessage(ref ReadOnlySpan<byte> input)
    {
        var result = _scanner.ScanStuffed(ref input, this);
        if (MessageSize > 2 * options.LargestMessage)
        {
            // It got as much again to come to its end.
            return Close(SmtpReplies.MessageTooLarge, SmtpVerb.Data);
        }

        return result switch
        {
            ScanResult.BareLineEnd => Close(SmtpReplies.BareLineEnd, SmtpVerb.Data),
            ScanResult.End => EndMessage(SmtpVerb.Data),
            _ => default,
        };
    }

    private SmtpStep EndMessage(SmtpVerb verb)
    {
        if (IsTooLarge)
        {
            _state = State.Command;
            EndTransaction();
            return Count(Replied(SmtpReplies.MessageTooLarge, verb));
        }

        _state = State.Storing;
        return new SmtpStep(SmtpStepKind.MessageComplete, null, verb);
    }

    private SmtpStep AnswerBdat(ReadOnlySpan<byte> argument)
    {
        // Without a size there is no telling where the chunk ends and the next command begins.
        if (!TryReadChunkSize(argument, out var size, out _isLastChunk))
        {
            return Close(SmtpReplies.BadChunkSize, SmtpVerb.Bdat);
        }

        var tooLarge = size > options.LargestMessage - MessageSize;
        _chunkRefusal = RefuseMessage() ?? (tooLarge ? SmtpReplies.MessageTooLarge : null);
        if (_chunkRefusal is not null && size > options.LargestMessage)
        {
            return Close(_chunkRefusal, SmtpVerb.Bdat);
        }

        _chunkLeft = size;
        if (_chunkRefusal is not null)
        {
            _state = State.RefusedChunk;
            return size == 0 ? RefuseChunk() : default;
        }

        _chunksUnderWay = true;
        _state = State.Chunk;
        return size == 0 ? EndChunk(isEmpty: true) : default;
    }

    private SmtpStep ReadChunk(ref ReadOnlySpan<byte> input)
    {
        var part = TakeChunk(ref input);
        if (!_scanner.TryScanPlain(part))
        {
            return Close(SmtpReplies.BareLineEnd, SmtpVerb.Bdat);
        }

        ((IMessageBytes)this).Append(part);
        return _chunkLeft == 0 ? EndChunk(isEmpty: false) : default;
    }

    private SmtpStep EndChunk(bool isEmpty)
    {
        if (_isLastChunk)
        {
            return _scanner.EndsInCr ? Close(SmtpReplies.BareLineEnd, SmtpVerb.Bdat) : EndMessage(SmtpVerb.Bdat);
        }

        _state = State.Command;
        var step = Replied(SmtpReplies.ChunkReceived, SmtpVerb.Bdat);
        return isEmpty ? Count(step) : step;
    }

    private SmtpStep SkipRefusedChunk(ref ReadOnlySpan<byte> input)
    {
        TakeChunk(ref input);
        return _chunkLeft == 0 ? RefuseChunk() : default;
    }

    private SmtpStep RefuseChunk()
    {
        _state = State.Command;
        EndTransaction();
        return Count(Replied(_chunkRefusal!, SmtpVerb.Bdat));
    }

    private ReadOnlySpan<byte> TakeChunk(ref ReadOnlySpan<byte> input)
    {
        var part = input[..(int)Math.Min(input.Length, _chunkLeft)];
        input = input[part.Length..];
        _chunkLeft -= part.Length;
        return part;
    }

    private static bool TryReadChunkSize(ReadOnlySpan<byte> argument, out long size, out bool isLast)
    {
        isLast = false;
        if (!Utf8Parser.TryParse(argument, out size, out var digits) || size < 0 || argument[0] == (byte)'+')
        {
            return false;
        }

        var rest = argument[digits..];
        isLast = rest.Length > 1 && rest[0] == (byte)' ' && Ascii.EqualsIgnoreCase(rest.TrimStart((byte)' '), "LAST"u8);
        return rest.IsEmpty || isLast;
    }
}

using Belljar.Mail.Smtp;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Smtp;

public sealed class MessageSpoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(100, 1, false)]
    [InlineData(100_000, 77, false)]
    [InlineData(MessageSpool.MostInMemory, 4096, false)]
    [InlineData(MessageSpool.MostInMemory + 1, 4096, true)]
    [InlineData(3_000_001, 65_536, true)]
    public void Bytes_InAnyPieces_ComeBackAsOne(int length, int piece, bool inFile)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var spool = new MessageSpool(_folder.Path);
        for (var round = 0; round < 2; round++)
        {
            for (var at = 0; at < length; at += piece)
            {
                spool.Append(bytes.AsSpan(at, Math.Min(piece, length - at)));
            }

            Assert.Equal(inFile, spool.IsInFile);
            Assert.True(spool.ReadAll().Span.SequenceEqual(bytes));
            Assert.Empty(Directory.EnumerateFiles(_folder.Path));
            spool.Reset();
            Assert.True(spool.ReadAll().IsEmpty);
        }
    }

    [Fact]
    public void Folder_ThatCannotBeWritten_IsRememberedAndNotThrown()
    {
        using var spool = new MessageSpool(_folder["gone"]);
        spool.Append(new byte[MessageSpool.MostInMemory * 2]);
        spool.Append(new byte[10]);
        Assert.NotNull(spool.Failure);
        spool.Reset();
        spool.Append(new byte[10]);
        Assert.Null(spool.Failure);
    }
}

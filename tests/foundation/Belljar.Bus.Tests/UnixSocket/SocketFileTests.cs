using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Belljar.Bus.UnixSocket;
using Belljar.Testing;

namespace Belljar.Bus.Tests.UnixSocket;

[SuppressMessage("Interoperability", "CA1416", Justification = "Belljar runs on Linux alone.")]
public sealed class SocketFileTests : IDisposable
{
    private const UnixFileMode Mode660 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly TemporaryFolder _folder = new();

    private BusSocketOptions Options => new(_folder["bus.sock"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Listen_New_HasTheMode()
    {
        using var file = SocketFile.Listen(Options);

        Assert.Equal(Mode660, File.GetUnixFileMode(Options.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Options.Path + ".lock"));
    }

    [Fact]
    public void Listen_WithGroup_GivesItToThem()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a file to any group");
        using var file = SocketFile.Listen(Options with { Group = 4242 });

        Assert.Equal((true, 4242u), UnixFile.Look(Options.Path));
    }

    [Fact]
    public void Listen_SocketOfAKilledProcess_IsReplaced()
    {
        LeaveStale();

        using var file = SocketFile.Listen(Options);

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Options.Path));
    }

    [Fact]
    public void Listen_WhileServed_SaysSoAndHarmsNothing()
    {
        using var file = SocketFile.Listen(Options);

        var problem = Assert.Throws<IOException>(() => SocketFile.Listen(Options));

        Assert.Contains("is served by another process", problem.Message);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Options.Path));
    }

    [Fact]
    public void Listen_ServedByOneWhoTookNoLock_SaysSo()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Options.Path));
        other.Listen();

        Assert.Contains("is served by another process", Assert.Throws<IOException>(() => SocketFile.Listen(Options)).Message);
        Assert.True(File.Exists(Options.Path));
    }

    [Fact]
    public void Listen_WhatIsThereIsNoSocket_LeavesIt()
    {
        File.WriteAllText(Options.Path, "precious");

        Assert.Contains("is no socket", Assert.Throws<IOException>(() => SocketFile.Listen(Options)).Message);
        Assert.Equal("precious", File.ReadAllText(Options.Path));
    }

    [Fact]
    public void Listen_FolderMissing_SaysWhatToDo() =>
        Assert.Contains("does not exist", Assert.Throws<IOException>(
            () => SocketFile.Listen(new BusSocketOptions(_folder["none/bus.sock"]))).Message);

    [Fact]
    public void Listen_PathTooLong_SaysSo() =>
        Assert.Contains("107 bytes", Assert.Throws<IOException>(
            () => SocketFile.Listen(new BusSocketOptions("/tmp/" + new string('x', 200)))).Message);

    [Fact]
    public void Listen_AfterAFailure_TheLockIsFree()
    {
        File.WriteAllText(Options.Path, "");
        Assert.Throws<IOException>(() => SocketFile.Listen(Options));
        File.Delete(Options.Path);

        using var file = SocketFile.Listen(Options);
    }

    [Fact]
    public void Dispose_RemovesTheSocketAndFreesTheLock()
    {
        SocketFile.Listen(Options).Dispose();

        Assert.False(File.Exists(Options.Path));
        SocketFile.Listen(Options).Dispose();
    }

    /// <summary>A socket's file outlives a process that cannot clean up: here, one that is moved while it listens.</summary>
    private void LeaveStale()
    {
        using var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(_folder["moved"]));
        killed.Listen();
        File.Move(_folder["moved"], Options.Path);
    }
}

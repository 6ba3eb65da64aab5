using System.Net.Sockets;
using Belljar.Contracts.Wire;
using Belljar.Testing;

namespace Belljar.Contracts.Tests.Wire;

public sealed class SocketFileTests : IDisposable
{
    private const UnixFileMode Mode660 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly TemporaryFolder _folder = new();

    private string Socket => _folder["bus.sock"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Listen_New_HasTheMode()
    {
        using var file = SocketFile.Listen(Socket, Mode660);

        Assert.Equal(Mode660, File.GetUnixFileMode(Socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket + ".lock"));
    }

    [Fact]
    public void Listen_WithGroup_GivesItToThem()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a file to any group");
        using var file = SocketFile.Listen(Socket, Mode660, 4242);

        Assert.Equal((true, 4242u), UnixFile.Look(Socket));
    }

    [Fact]
    public void Listen_SocketOfAKilledProcess_IsReplaced()
    {
        LeaveStale();

        using var file = SocketFile.Listen(Socket, Mode660);

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Socket));
    }

    [Fact]
    public void Listen_WhileServed_SaysSoAndHarmsNothing()
    {
        using var file = SocketFile.Listen(Socket, Mode660);

        var problem = Assert.Throws<IOException>(() => SocketFile.Listen(Socket, Mode660));

        Assert.Contains("is served by another process", problem.Message);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Socket));
    }

    [Fact]
    public void Listen_ServedByOneWhoTookNoLock_SaysSo()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Socket));
        other.Listen();

        Assert.Contains("is served by another process", Assert.Throws<IOException>(() => SocketFile.Listen(Socket, Mode660)).Message);
        Assert.True(File.Exists(Socket));
    }

    [Fact]
    public void Listen_WhatIsThereIsNoSocket_LeavesIt()
    {
        File.WriteAllText(Socket, "precious");

        Assert.Contains("is no socket", Assert.Throws<IOException>(() => SocketFile.Listen(Socket, Mode660)).Message);
        Assert.Equal("precious", File.ReadAllText(Socket));
    }

    [Fact]
    public void Listen_FolderMissing_SaysWhatToDo() =>
        Assert.Contains("does not exist", Assert.Throws<IOException>(
            () => SocketFile.Listen(_folder["none/bus.sock"], Mode660)).Message);

    [Fact]
    public void Listen_PathTooLong_SaysSo() =>
        Assert.Contains("107 bytes", Assert.Throws<IOException>(
            () => SocketFile.Listen("/tmp/" + new string('x', 200), Mode660)).Message);

    [Fact]
    public void Listen_AfterAFailure_TheLockIsFree()
    {
        File.WriteAllText(Socket, "");
        Assert.Throws<IOException>(() => SocketFile.Listen(Socket, Mode660));
        File.Delete(Socket);

        using var file = SocketFile.Listen(Socket, Mode660);
    }

    [Fact]
    public void Dispose_RemovesTheSocketAndFreesTheLock()
    {
        SocketFile.Listen(Socket, Mode660).Dispose();

        Assert.False(File.Exists(Socket));
        SocketFile.Listen(Socket, Mode660).Dispose();
    }

    /// <summary>A socket's file outlives a process that cannot clean up: here, one that is moved while it listens.</summary>
    private void LeaveStale()
    {
        using var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(_folder["moved"]));
        killed.Listen();
        File.Move(_folder["moved"], Socket);
    }
}

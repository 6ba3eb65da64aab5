namespace Belljar.Bus.UnixSocket;

internal readonly record struct OutgoingFrame(string Verb, string Argument, ReadOnlyMemory<byte> Body);

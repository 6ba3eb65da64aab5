using System.Runtime.InteropServices;

namespace Belljar.Toml;

/// <summary>A place in a document, both counted from one; a column is one Unicode character. Default where a value was not parsed.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TomlPosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}

/// <summary>Why a document was refused. The message quotes no value, only keys and single characters.</summary>
public sealed record TomlError(string Message, TomlPosition Position)
{
    public override string ToString() => $"{Position}: {Message}";
}

/// <summary>Thrown by <see cref="TomlDocument.Parse(string, TomlLimits?)"/> alone.</summary>
public sealed class TomlException(TomlError error) : FormatException(error.ToString())
{
    public TomlError Error { get; } = error;
}

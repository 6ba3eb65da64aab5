using System.Runtime.InteropServices;

namespace Belljar.Mime;

/// <summary>Where one header field lies in the message.</summary>
/// <param name="Offset">First byte of the name.</param>
/// <param name="NameLength">Bytes of the name, without white space before the colon.</param>
/// <param name="ValueOffset">The byte behind the colon.</param>
/// <param name="End">Behind the line end of the last line.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FieldSpan(int Offset, int NameLength, int ValueOffset, int End);

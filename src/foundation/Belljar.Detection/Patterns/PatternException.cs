namespace Belljar.Detection.Patterns;

/// <summary>A regex that is not RE2's, or too large.</summary>
internal sealed class PatternException(string message) : FormatException(message);

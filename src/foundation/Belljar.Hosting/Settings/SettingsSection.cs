using Belljar.Contracts;
using Belljar.Manifest;

namespace Belljar.Hosting.Settings;

/// <summary>One section of <c>belljar.yaml</c>, owned by one module.</summary>
public abstract class SettingsSection(string name, string summary) : INamed
{
    public string Name { get; } = name;

    /// <summary>What it configures, in one line.</summary>
    public string Summary { get; } = summary;

    internal abstract object ReadUntyped(SettingsReader reader);
}

/// <summary>A section bound to its options.</summary>
/// <param name="name">The key at the top level of the file.</param>
/// <param name="summary">What it configures, in one line.</param>
/// <param name="read">Reads and validates; mistakes are collected by the reader, so all are reported at once.</param>
public sealed class SettingsSection<T>(string name, string summary, Func<SettingsReader, T> read) : SettingsSection(name, summary)
    where T : class
{
    internal override object ReadUntyped(SettingsReader reader) => read(reader);
}

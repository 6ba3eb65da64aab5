using Belljar.Manifest;

namespace Belljar.Decoys.Fleet;

/// <summary><c>services: [http]</c> means <c>services: [{id: http}]</c>: the short form is rewritten before it is read.</summary>
internal static class ServiceShorthand
{
    public static SettingsNode Expand(SettingsNode root) => In(root, "decoys", decoys => Each(decoys, decoy => In(decoy, "services", Services)));

    private static SettingsNode Services(SettingsNode services) => Each(services, service => service is SettingsScalar { IsNull: false } name
        ? new SettingsMapping(name.Position, [new SettingsEntry("id", name.Position, name)])
        : service);

    private static SettingsNode In(SettingsNode node, string key, Func<SettingsNode, SettingsNode> expand) => node is SettingsMapping section
        ? section with { Entries = [.. section.Entries.Select(entry => entry.Key == key ? entry with { Value = expand(entry.Value) } : entry)] }
        : node;

    private static SettingsNode Each(SettingsNode node, Func<SettingsNode, SettingsNode> expand) => node is SettingsSequence list
        ? list with { Items = [.. list.Items.Select(expand)] }
        : node;
}

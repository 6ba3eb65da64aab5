using System.Reflection;
using Belljar.Contracts.Events;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;

namespace Belljar.Tests;

/// <summary>Nothing is found by scanning at run time; here scanning finds what somebody forgot to list.</summary>
public class CatalogueTests
{
    [Fact]
    public void Workers_AreAllListed() => Assert.Equivalent(Statics<WorkerDefinition>(), WorkerCatalog.All.ToList());

    [Fact]
    public void Sections_AreAllListed() => Assert.Equivalent(Statics<SettingsSection>().OrderBy(section => section.Name), SettingsCatalog.All.OrderBy(section => section.Name));

    [Fact]
    public void EventKinds_AreAllListed()
    {
        var declared = typeof(EventKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<EventKind>();

        Assert.Equal(declared.Select(kind => kind.Name).Order(), EventKinds.All.Names.Order());
    }

    [Fact]
    public void EventPayloads_EachHaveAKind()
    {
        var payloads = typeof(EventKinds).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(EventKinds).Namespace && type.IsClass && !type.IsAbstract && type.GetMethod("<Clone>$") is not null)
            .Except([typeof(BelljarEvent), typeof(HeaderField), typeof(MailSentRecipient)]);

        Assert.Empty(payloads.Except(EventKinds.All.Select(kind => kind.PayloadType)));
    }

    [Fact]
    public void WorkersSections_AreSections() =>
        Assert.Empty(WorkerCatalog.All.SelectMany(worker => worker.Sections).Except(SettingsCatalog.All.Names));

    /// <summary>The static fields of a type in every assembly of ours that the executable brings along.</summary>
    private static List<T> Statics<T>()
    {
        var assemblies = Directory.EnumerateFiles(AppContext.BaseDirectory, "*elljar*.dll")
            .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal) && !file.EndsWith("Testing.dll", StringComparison.Ordinal))
            .Select(Assembly.LoadFrom);
        return [.. assemblies
            .SelectMany(assembly => assembly.DefinedTypes)
            .SelectMany(type => type.DeclaredFields)
            .Where(field => field.IsStatic && typeof(T).IsAssignableFrom(field.FieldType))
            .Select(field => (T)field.GetValue(null)!)];
    }
}

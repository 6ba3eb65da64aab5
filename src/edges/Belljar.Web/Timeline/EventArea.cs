using Belljar.Contracts;

namespace Belljar.Web.Timeline;

/// <summary>A part of the product, as the timeline tells them apart.</summary>
/// <param name="Name">In the address and as the row's class.</param>
/// <param name="Title">For people.</param>
/// <param name="Word">On a row.</param>
/// <param name="Kinds">Patterns of the kinds that belong to it.</param>
internal sealed record EventArea(string Name, string Title, string Word, IReadOnlyList<string> Kinds) : INamed;

/// <summary>Every area, in the order of the links.</summary>
internal static class EventAreas
{
    public static readonly EventArea System = new("system", "System", "system", ["system.>"]);

    public static readonly Registry<EventArea> All = new(
        "area",
        new EventArea("mail", "Mail", "mail", ["mail.>"]),
        new EventArea("decoy", "Decoys", "decoy", ["decoy.>"]),
        new EventArea("gate", "Gates", "gate", ["gate.>"]),
        new EventArea("bottle", "Bottles", "bottle", ["bottle.>", "sandbox.>"]),
        System);

    /// <summary>A kind that no area names belongs to the system.</summary>
    public static EventArea Of(string kind) =>
        All.FirstOrDefault(area => area.Kinds.Any(pattern => Topic.Matches(pattern, kind))) ?? System;
}

using System.Runtime.InteropServices;

namespace Belljar.Mime.Text;

/// <summary>An element that is open, with what its content inherits.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HtmlElement(string Name)
{
    /// <summary>Out of sight, for its own reason or its parent's.</summary>
    public bool IsHidden { get; init; }

    public bool KeepsSpaces { get; init; }

    /// <summary>Null where it is not known; the default is black.</summary>
    public CssColor? Color { get; init; }

    /// <summary>Null where it is not known, an image for example; the default is white.</summary>
    public CssColor? Background { get; init; }

    /// <summary>The target of a link; null elsewhere.</summary>
    public string? Href { get; init; }

    /// <summary>Where its text begins in the output.</summary>
    public int TextStart { get; init; }

    /// <summary>The number of the next item of an ordered list; -1 elsewhere.</summary>
    public int NextItem { get; init; }

    public bool IsUnreadable => IsHidden || (Color is { } color && (color.IsTransparent || (Background is { } background && color.LooksLike(background))));
}

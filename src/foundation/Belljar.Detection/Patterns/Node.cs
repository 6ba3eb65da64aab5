namespace Belljar.Detection.Patterns;

/// <summary>The tree of a regex. Characters are bytes already: a letter outside ASCII is a sequence.</summary>
internal abstract record Node
{
    /// <summary>Longer is as good as endless.</summary>
    public const int Endless = 1 << 20;

    /// <summary>The longest match in bytes, at most <see cref="Endless"/>.</summary>
    public abstract int MaxLength { get; }

    public abstract int MinLength { get; }

    protected static int Capped(long length) => (int)Math.Min(length, Endless);

    internal sealed record Nothing : Node
    {
        public override int MaxLength => 0;

        public override int MinLength => 0;
    }

    internal sealed record Bytes(ByteSet Set) : Node
    {
        public override int MaxLength => 1;

        public override int MinLength => 1;
    }

    internal sealed record Assertion(AssertionKind Kind) : Node
    {
        public override int MaxLength => 0;

        public override int MinLength => 0;
    }

    internal sealed record Sequence(IReadOnlyList<Node> Items) : Node
    {
        public override int MaxLength { get; } = Capped(Items.Sum(item => (long)item.MaxLength));

        public override int MinLength { get; } = Capped(Items.Sum(item => (long)item.MinLength));
    }

    internal sealed record Choice(IReadOnlyList<Node> Branches) : Node
    {
        public override int MaxLength { get; } = Branches.Max(branch => branch.MaxLength);

        public override int MinLength { get; } = Branches.Min(branch => branch.MinLength);
    }

    /// <param name="Max">Null: no end.</param>
    internal sealed record Repeat(Node Item, int Min, int? Max, bool Greedy) : Node
    {
        public override int MaxLength { get; } = Max is { } max ? Capped((long)max * Item.MaxLength) : Item.MaxLength == 0 ? 0 : Endless;

        public override int MinLength { get; } = Capped((long)Min * Item.MinLength);
    }

    internal sealed record Group(int Number, Node Item) : Node
    {
        public override int MaxLength => Item.MaxLength;

        public override int MinLength => Item.MinLength;
    }
}

internal enum AssertionKind
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

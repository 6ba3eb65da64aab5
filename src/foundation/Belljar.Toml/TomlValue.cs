namespace Belljar.Toml;

/// <summary>TOML's ten types.</summary>
public enum TomlKind
{
    String,
    Integer,
    Float,
    Boolean,
    OffsetDateTime,
    LocalDateTime,
    LocalDate,
    LocalTime,
    Array,
    Table,
}

/// <summary>One value of a document, and where it stood. The type is one of the sealed classes below.</summary>
public abstract class TomlValue
{
    private protected TomlValue(TomlKind kind) => Kind = kind;

    public TomlKind Kind { get; }

    /// <summary>Where the value began (for a table with a header, the header); default where it was made by hand.</summary>
    public TomlPosition Position { get; internal set; }

    public static implicit operator TomlValue(string value) => new TomlString(value);

    public static implicit operator TomlValue(long value) => new TomlInteger(value);

    public static implicit operator TomlValue(double value) => new TomlFloat(value);

    public static implicit operator TomlValue(bool value) => new TomlBoolean(value);

    public static implicit operator TomlValue(DateTimeOffset value) => new TomlOffsetDateTime(value);

    public static implicit operator TomlValue(string[] values) => TomlArray.Of(values);
}

public sealed class TomlString(string value) : TomlValue(TomlKind.String)
{
    public string Value { get; } = value;
}

public sealed class TomlInteger(long value) : TomlValue(TomlKind.Integer)
{
    public long Value { get; } = value;
}

public sealed class TomlFloat(double value) : TomlValue(TomlKind.Float)
{
    public double Value { get; } = value;
}

public sealed class TomlBoolean(bool value) : TomlValue(TomlKind.Boolean)
{
    public bool Value { get; } = value;
}

/// <summary>
/// An instant. Digits beyond 100 ns are cut off, as the specification allows; an offset beyond ±14:00, which .NET does not
/// know, becomes UTC.
/// </summary>
public sealed class TomlOffsetDateTime(DateTimeOffset value) : TomlValue(TomlKind.OffsetDateTime)
{
    public DateTimeOffset Value { get; } = value;
}

/// <summary>A date and time of no particular place (<see cref="DateTimeKind.Unspecified"/>).</summary>
public sealed class TomlLocalDateTime(DateTime value) : TomlValue(TomlKind.LocalDateTime)
{
    public DateTime Value { get; } = DateTime.SpecifyKind(value, DateTimeKind.Unspecified);
}

public sealed class TomlLocalDate(DateOnly value) : TomlValue(TomlKind.LocalDate)
{
    public DateOnly Value { get; } = value;
}

public sealed class TomlLocalTime(TimeOnly value) : TomlValue(TomlKind.LocalTime)
{
    public TimeOnly Value { get; } = value;
}

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Belljar.Manifest;

/// <summary>Builds the tree from the parser's events. The recursion is bounded by <see cref="Yaml.Deepest"/>.</summary>
internal sealed class YamlTree(string source, int firstLine, IParser parser, SettingsErrors errors)
{
    private const int MostNodes = 100_000;

    private int _nodes;
    private bool _failed;

    public static Position PositionOf(string source, int firstLine, Mark mark)
        => new(source, (int)mark.Line + firstLine - 1, (int)mark.Column);

    public SettingsNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out var end))
        {
            return SettingsMapping.Empty(At(end));
        }

        parser.Consume<DocumentStart>();
        var root = Node(depth: 0);
        if (_failed)
        {
            return null;
        }

        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _))
        {
            Fail(parser.Current!, "a second document", "one document in a file");
        }

        if (root is SettingsScalar { IsNull: true })
        {
            return SettingsMapping.Empty(root.Position);
        }

        return _failed ? null : root;
    }

    /// <summary>After a failure the result means nothing and no further event is read.</summary>
    private SettingsNode? Node(int depth)
    {
        var current = parser.Current!;
        parser.MoveNext();
        if (++_nodes > MostNodes)
        {
            return Fail(current, $"more than {MostNodes} values", "a smaller file");
        }

        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            // An alias inside an alias inside an alias: a page of text that is a terabyte in memory.
            return Fail(current, "an anchor or alias (& or *)", "the value itself; quote text that begins with & or *");
        }

        if (current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
        {
            return Fail(current, "a tag (!)", "plain values; quote text that begins with !");
        }

        if (depth > Yaml.Deepest)
        {
            return Fail(current, $"more than {Yaml.Deepest} levels", "a flatter file");
        }

        return current switch
        {
            Scalar scalar => new SettingsScalar(At(scalar), scalar.Value, scalar.Style is ScalarStyle.Plain),
            SequenceStart start => Sequence(start, depth),
            MappingStart start => Mapping(start, depth),
            _ => Fail(current, "something that is no value", "a value, a list or a section"),
        };
    }

    private SettingsSequence? Sequence(SequenceStart start, int depth)
    {
        var items = new List<SettingsNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new SettingsSequence(At(start), items);
    }

    private SettingsMapping? Mapping(MappingStart start, int depth)
    {
        var entries = new List<SettingsEntry>();
        var seen = new Dictionary<string, Position>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            if (_failed)
            {
                return null;
            }

            if (key is not SettingsScalar { IsNull: false } name)
            {
                errors.Add(new SettingsError(key!.Position, "", $"{key.Describe()} as a key", "text as a key"));
                _failed = true;
                return null;
            }

            if (Node(depth + 1) is not { } value)
            {
                return null;
            }

            if (seen.TryAdd(name.Value, name.Position))
            {
                entries.Add(new SettingsEntry(name.Value, name.Position, value));
            }
            else
            {
                Duplicate(name, seen[name.Value]);
            }
        }

        return new SettingsMapping(At(start), entries);
    }

    /// <summary>A duplicate does not end the reading, so that the next mistake is found too.</summary>
    private void Duplicate(SettingsScalar name, Position first) => errors.Add(new SettingsError(
        name.Position, "", $"the key {name.Describe()} a second time", "each key once", $"the first stands in line {first.Line}"));

    private SettingsNode? Fail(ParsingEvent at, string found, string allowed)
    {
        _failed = true;
        errors.Add(new SettingsError(At(at), "", found, allowed));
        return null;
    }

    private Position At(ParsingEvent e) => PositionOf(source, firstLine, e.Start);
}

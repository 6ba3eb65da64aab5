using System.Runtime.InteropServices;

namespace Belljar.Detection.Patterns;

internal enum Operation : byte
{
    /// <summary>Take one byte of <see cref="Instruction.Set"/>.</summary>
    Take,

    /// <summary>Go on at <see cref="Instruction.First"/>, and with less priority at <see cref="Instruction.Second"/>.</summary>
    Split,
    Jump,
    Save,
    Assert,
    Match,
}

[StructLayout(LayoutKind.Auto)]
internal record struct Instruction(Operation Operation, int First, int Second, ByteSet Set);

/// <summary>A regex as instructions of a non-deterministic automaton (Thompson's construction), with its alphabet compressed.</summary>
internal sealed class PatternProgram
{
    /// <summary>Larger than any honest rule; a bound on what one step can cost.</summary>
    private const int MostInstructions = 20_000;

    private readonly List<Instruction> _code = [];

    public PatternProgram(Node tree, int groups)
    {
        Slots = 2 * groups;
        Emit(new Node.Group(0, tree));
        Add(new Instruction(Operation.Match, 0, 0, default));
        Code = [.. _code];
        HasAssertions = Code.Any(instruction => instruction.Operation == Operation.Assert);
        (ClassOf, Representatives) = CompressAlphabet();
    }

    public Instruction[] Code { get; }

    public bool HasAssertions { get; }

    /// <summary>Positions that a match records: two for each group.</summary>
    public int Slots { get; }

    /// <summary>Bytes that no instruction tells apart share a class.</summary>
    public byte[] ClassOf { get; }

    /// <summary>One byte of each class.</summary>
    public byte[] Representatives { get; }

    private int Add(Instruction instruction)
    {
        if (_code.Count >= MostInstructions)
        {
            throw new PatternException("the pattern is too large: its counts multiply");
        }

        _code.Add(instruction);
        return _code.Count - 1;
    }

    private void Emit(Node node)
    {
        switch (node)
        {
            case Node.Bytes bytes:
                Add(new Instruction(Operation.Take, _code.Count + 1, 0, bytes.Set));
                break;
            case Node.Assertion assertion:
                Add(new Instruction(Operation.Assert, _code.Count + 1, (int)assertion.Kind, default));
                break;
            case Node.Sequence sequence:
                foreach (var item in sequence.Items)
                {
                    Emit(item);
                }

                break;
            case Node.Choice choice:
                EmitChoice(choice);
                break;
            case Node.Group group:
                Add(new Instruction(Operation.Save, _code.Count + 1, 2 * group.Number, default));
                Emit(group.Item);
                Add(new Instruction(Operation.Save, _code.Count + 1, (2 * group.Number) + 1, default));
                break;
            case Node.Repeat repeat:
                EmitRepeat(repeat);
                break;
        }
    }

    private void EmitChoice(Node.Choice choice)
    {
        var ends = new List<int>();
        for (var i = 0; i < choice.Branches.Count; i++)
        {
            if (i == choice.Branches.Count - 1)
            {
                Emit(choice.Branches[i]);
                break;
            }

            var split = Add(new Instruction(Operation.Split, _code.Count + 1, 0, default));
            Emit(choice.Branches[i]);
            ends.Add(Add(new Instruction(Operation.Jump, 0, 0, default)));
            _code[split] = _code[split] with { Second = _code.Count };
        }

        foreach (var end in ends)
        {
            _code[end] = _code[end] with { First = _code.Count };
        }
    }

    private void EmitRepeat(Node.Repeat repeat)
    {
        for (var i = 0; i < repeat.Min; i++)
        {
            Emit(repeat.Item);
        }

        if (repeat.Max is not { } max)
        {
            var split = Add(new Instruction(Operation.Split, 0, 0, default));
            Emit(repeat.Item);
            Add(new Instruction(Operation.Jump, split, 0, default));
            Fork(split, split + 1, _code.Count, repeat.Greedy);
            return;
        }

        var splits = new List<int>();
        for (var i = repeat.Min; i < max; i++)
        {
            splits.Add(Add(new Instruction(Operation.Split, 0, 0, default)));
            Emit(repeat.Item);
        }

        foreach (var split in splits)
        {
            Fork(split, split + 1, _code.Count, repeat.Greedy);
        }
    }

    private void Fork(int split, int more, int enough, bool greedy) =>
        _code[split] = _code[split] with { First = greedy ? more : enough, Second = greedy ? enough : more };

    private (byte[] ClassOf, byte[] Representatives) CompressAlphabet()
    {
        var sets = Code.Where(instruction => instruction.Operation == Operation.Take).Select(instruction => instruction.Set).Distinct().ToList();
        if (HasAssertions)
        {
            sets.Add(ByteSet.Word);
            sets.Add(ByteSet.Newline);
        }

        var classOf = new byte[256];
        var representatives = new List<byte>();
        var known = new Dictionary<string, byte>();
        var signature = new char[sets.Count];
        for (var value = 0; value < 256; value++)
        {
            for (var i = 0; i < sets.Count; i++)
            {
                signature[i] = sets[i].Contains(value) ? '1' : '0';
            }

            var key = new string(signature);
            if (!known.TryGetValue(key, out var number))
            {
                known[key] = number = (byte)representatives.Count;
                representatives.Add((byte)value);
            }

            classOf[value] = number;
        }

        return (classOf, [.. representatives]);
    }
}

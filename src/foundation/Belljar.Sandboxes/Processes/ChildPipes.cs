using System.IO.Pipes;

namespace Belljar.Sandboxes.Processes;

/// <summary>The three standard streams of a child that is being started, and our ends of those that are pipes.</summary>
internal sealed class ChildPipes : IDisposable
{
    private readonly ChildSpec _spec;
    private readonly AnonymousPipeServerStream? _input;
    private readonly AnonymousPipeServerStream? _output;
    private readonly AnonymousPipeServerStream? _error;
    private bool _taken;

    public ChildPipes(ChildSpec spec)
    {
        _spec = spec;
        if (spec.Terminal is null)
        {
            _input = Make(spec.Input, PipeDirection.Out);
            _output = Make(spec.Output, PipeDirection.In);
            _error = Make(spec.Error, PipeDirection.In);
        }
    }

    public void AddTo(SpawnActions actions)
    {
        if (_spec.Terminal is { } terminal)
        {
            actions.Open(0, terminal.Path);
            actions.Same(0, 1);
            actions.Same(0, 2);
            return;
        }

        Add(actions, _spec.Input, _input, 0);
        Add(actions, _spec.Output, _output, 1);
        Add(actions, _spec.Error, _error, 2);
    }

    /// <summary>To be called once the child has started: the caller owns the streams from then on.</summary>
    public (Stream? Input, Stream? Output, Stream? Error) TakeOurEnds()
    {
        _taken = true;
        return (_input, _output, _error);
    }

    public void Dispose()
    {
        foreach (var pipe in new[] { _input, _output, _error })
        {
            // Our copy of the child's end, without which we would never see the end of its output.
            pipe?.DisposeLocalCopyOfClientHandle();
            if (!_taken)
            {
                pipe?.Dispose();
            }
        }
    }

    private static AnonymousPipeServerStream? Make(ChildStream stream, PipeDirection direction) =>
        stream is ChildStream.Piped ? new AnonymousPipeServerStream(direction, HandleInheritability.None) : null;

    private static void Add(SpawnActions actions, ChildStream stream, AnonymousPipeServerStream? pipe, int number)
    {
        switch (stream)
        {
            case ChildStream.Piped:
                actions.Map(pipe!.ClientSafePipeHandle, number);
                break;
            case ChildStream.Given given:
                actions.Map(given.Descriptor, number);
                break;
            case ChildStream.Nothing:
                actions.Open(number, "/dev/null");
                break;
            case ChildStream.SameAsOutput:
                actions.Same(1, number);
                break;
            default:
                break; // Inherited: left as it is.
        }
    }
}

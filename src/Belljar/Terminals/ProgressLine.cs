namespace Belljar.Terminals;

/// <summary>One line on a terminal that counts on; where nobody looks, nothing.</summary>
internal sealed class ProgressLine(string verb, string noun = "messages") : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    private long _shownAt;
    private bool _isShown;

    public void Report(int count)
    {
        if (!Terminal.IsInteractive || (_isShown && TimeProvider.System.GetElapsedTime(_shownAt) < Often))
        {
            return;
        }

        _shownAt = TimeProvider.System.GetTimestamp();
        _isShown = true;
        Terminal.Error.Write($"\r{verb} {count} {noun} …");
    }

    /// <summary>Takes the line away again.</summary>
    public void End()
    {
        if (_isShown)
        {
            Terminal.Error.Write("\r\u001b[K");
            _isShown = false;
        }
    }

    public void Dispose() => End();
}

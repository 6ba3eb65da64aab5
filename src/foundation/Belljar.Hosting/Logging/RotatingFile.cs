using System.Text;

namespace Belljar.Hosting.Logging;

/// <summary>A log file that becomes <c>.1</c> when it is full; a few old ones are kept. A disk that is full loses log lines, never the work.</summary>
public sealed class RotatingFile(string path, long mostBytes = 16 * 1024 * 1024, int kept = 5) : ILineSink
{
    private readonly Lock _lock = new();
    private FileStream? _file;

    public void Write(string line)
    {
        lock (_lock)
        {
            try
            {
                _file ??= Open();
                if (_file.Length > mostBytes)
                {
                    Rotate();
                }

                _file!.Write(Encoding.UTF8.GetBytes(line));
                _file.Flush();
            }
            catch (IOException)
            {
                Close();
            }
            catch (UnauthorizedAccessException)
            {
                Close();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Close();
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        });
    }

    private void Rotate()
    {
        Close();
        for (var i = kept - 1; i >= 1; i--)
        {
            if (File.Exists($"{path}.{i}"))
            {
                File.Move($"{path}.{i}", $"{path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(path, path + ".1", overwrite: true);
        _file = Open();
    }
}

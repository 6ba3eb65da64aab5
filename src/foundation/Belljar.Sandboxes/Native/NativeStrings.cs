using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Sandboxes.Native;

/// <summary>A null-terminated array of C strings, as <c>argv</c> and <c>envp</c> want it; wiped when disposed.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte* _block;
    private readonly nuint _size;

    /// <exception cref="ArgumentException">A string contains a null character and would arrive cut.</exception>
    public NativeStrings(IReadOnlyCollection<string> values)
    {
        var tableSize = (values.Count + 1) * sizeof(byte*);
        _size = (nuint)(tableSize + values.Sum(value => Encoding.UTF8.GetByteCount(value) + 1));
        _block = (byte*)NativeMemory.AllocZeroed(_size);
        var text = _block + tableSize;
        var i = 0;
        foreach (var value in values)
        {
            if (value.Contains('\0'))
            {
                NativeMemory.Free(_block);
                throw new ArgumentException("An argument or environment value contains a null character.", nameof(values));
            }

            var length = Encoding.UTF8.GetByteCount(value);
            Encoding.UTF8.GetBytes(value, new Span<byte>(text, length));
            Pointers[i++] = text;
            text += length + 1;
        }
    }

    public byte** Pointers => (byte**)_block;

    public void Dispose()
    {
        NativeMemory.Clear(_block, _size); // Environments hold secrets.
        NativeMemory.Free(_block);
    }
}

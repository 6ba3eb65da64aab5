namespace Belljar.Store;

/// <summary>A database that cannot be used as it is. The message is for the operator and says what to do.</summary>
public sealed class StoreException : Exception
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

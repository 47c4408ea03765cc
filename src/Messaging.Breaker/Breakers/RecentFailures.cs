namespace Messaging.Breaker.Breakers;

/// <summary>The texts of a breaker's latest failures, so that a trip can name the most frequent one. Thread-safe.</summary>
sealed class RecentFailures
{
    const int Remembered = 20;
    const int LongestText = 200;

    readonly Queue<string> _latest = new();

    /// <summary>The most frequent of the latest failures; null if there were none.</summary>
    public string? MostFrequent
    {
        get
        {
            lock (_latest)
                return _latest.CountBy(text => text).OrderByDescending(text => text.Value).Select(text => text.Key).FirstOrDefault();
        }
    }

    /// <summary>Adds the text of a failure; null if it has none.</summary>
    public void Add(string? text)
    {
        if (text is null)
            return;
        lock (_latest)
        {
            if (_latest.Count == Remembered)
                _latest.Dequeue();
            _latest.Enqueue(text);
        }
    }

    public void Clear()
    {
        lock (_latest)
            _latest.Clear();
    }

    /// <summary>
    /// An exception's type and the first line of its message, without the full stop. Reading the message may throw. An aggregate is described
    /// by its first inner exception: its own message repeats all of them, and takes gigabytes if aggregates are nested twenty deep.
    /// </summary>
    public static string Describe(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions: [var first, ..] })
            exception = first;
        var type = exception.GetType().Name;
        string? message = null;
        try
        {
            message = exception.Message;
        }
        catch (Exception)
        {
            // The type has to be enough.
        }

        var line = message.AsSpan().Trim();
        if (line.IndexOfAny('\r', '\n') is >= 0 and var end)
            line = line[..end];
        if (line.Length > LongestText)
            line = line[..LongestText];
        line = line.TrimEnd(" .");
        return line.IsEmpty ? type : $"{type}: {new string([.. line.ToArray().Where(letter => !char.IsControl(letter))])}";
    }
}

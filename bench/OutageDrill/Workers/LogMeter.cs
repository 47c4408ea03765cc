namespace OutageDrill.Workers;

/// <summary>Counts what a worker writes, and keeps it in a file.</summary>
sealed class LogMeter(string path)
{
    readonly Lock _lock = new();
    int _lines;
    long _bytes;

    public (int Lines, long Bytes) Volume
    {
        get
        {
            lock (_lock)
                return (_lines, _bytes);
        }
    }

    public async Task ReadAsync(params Stream[] outputs)
    {
        await using var file = File.Create(path);
        await Task.WhenAll(outputs.Select(output => ReadAsync(output, file)));
    }

    async Task ReadAsync(Stream output, FileStream file)
    {
        var buffer = new byte[64 * 1024];
        while (await output.ReadAsync(buffer) is > 0 and var read)
        {
            lock (_lock)
            {
                _lines += buffer.AsSpan(0, read).Count((byte)'\n');
                _bytes += read;
                file.Write(buffer, 0, read);
            }
        }
    }
}

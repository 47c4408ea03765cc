using System.Text.Encodings.Web;
using System.Text.Json;

namespace Messaging.Breaker.DeadLetters;

/// <summary>A new file of JSON lines with the discarded messages.</summary>
sealed class DiscardFile : IAsyncDisposable
{
    static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly FileStream _file;

    DiscardFile(FileStream file) => _file = file;

    public string Path => _file.Name;

    /// <exception cref="DeadLetterException">The file exists, or cannot be created.</exception>
    public static DiscardFile Create(string path)
    {
        try
        {
            return new DiscardFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DeadLetterException($"The file '{path}' cannot be created, so nothing was discarded: {exception.Message} Name a file that does not exist, in a writable directory.", exception);
        }
    }

    public async Task WriteAsync(IEnumerable<DeadLetter> letters)
    {
        foreach (var letter in letters)
        {
            var line = new MemoryStream();
            using (var writer = new Utf8JsonWriter(line, Format))
                Write(writer, letter);
            line.WriteByte((byte)'\n');
            line.Position = 0;
            await line.CopyToAsync(_file).ConfigureAwait(false);
        }

        await _file.FlushAsync().ConfigureAwait(false);
        _file.Flush(flushToDisk: true);
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    static void Write(Utf8JsonWriter writer, DeadLetter letter)
    {
        writer.WriteStartObject();
        writer.WriteString("messageId", letter.MessageId);
        writer.WriteStartObject("headers");
        foreach (var (name, value) in letter.Headers)
            writer.WriteString(name, value);
        writer.WriteEndObject();
        var body = letter.Body ?? [];
        if (DeadLetter.TextOf(body) is { } text)
            writer.WriteString("body", text);
        else
            writer.WriteBase64String("bodyBase64", body);
        writer.WriteEndObject();
    }
}

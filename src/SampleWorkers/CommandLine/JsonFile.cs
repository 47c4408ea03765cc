using System.Text.Json;

namespace SampleWorkers.CommandLine;

static class JsonFile
{
    static readonly JsonDocumentOptions AsInSettings = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="FormatException">There is no such file, or its content would end the host with a stack trace.</exception>
    public static FileInfo Parse(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), AsInSettings);
            return document.RootElement.ValueKind is JsonValueKind.Object ? new FileInfo(path) : throw new FormatException();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or JsonException)
        {
            throw new FormatException(exception.Message, exception);
        }
    }
}

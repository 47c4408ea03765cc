using System.Text;

namespace Messaging.Breaker.DeadLetters;

/// <summary>A message that was read but not yet settled.</summary>
abstract class DeadLetter
{
    const int MostHeaders = 100;
    const int LongestHeader = 4000;
    const int LongestBody = 64 * 1024;
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public required FaultDetails Fault { get; init; }

    public required string? MessageId { get; init; }

    public required long BodyLength { get; init; }

    /// <summary>How often it was redriven before.</summary>
    public required long TimesRedriven { get; init; }

    /// <summary>The latest run that moved it.</summary>
    public required string? Run { get; init; }

    /// <summary>Null if it was not kept.</summary>
    public byte[]? Body { get; set; }

    public abstract IEnumerable<KeyValuePair<string, string>> Headers { get; }

    public DeadLetterSample ToSample(bool withBody)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Headers.Take(MostHeaders))
            headers[name] = value.Length > LongestHeader ? string.Concat(value.AsSpan(0, LongestHeader), "…") : value;
        return new DeadLetterSample
        {
            MessageId = MessageId,
            Headers = headers,
            BodyLength = BodyLength,
            Body = withBody && Body is { } body ? TextOf(body.AsSpan(0, Math.Min(body.Length, LongestBody)), body.Length > LongestBody) : null,
        };
    }

    /// <returns>Null if it is not UTF-8 text.</returns>
    public static string? TextOf(ReadOnlySpan<byte> body, bool isCut = false)
    {
        try
        {
            // The cut may split a character, which has at most four bytes.
            for (var dropped = 0; isCut && dropped < 4 && body.Length > 0 && (body[^1] & 0x80) != 0; dropped++)
                body = body[..^1];
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

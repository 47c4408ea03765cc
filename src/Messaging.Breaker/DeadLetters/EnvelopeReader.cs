using System.Text.Json;

namespace Messaging.Breaker.DeadLetters;

/// <summary>Finds the message's type in MassTransit's envelope, where it precedes the message. Other bodies have no type.</summary>
static class EnvelopeReader
{
    const int MostRead = 16 * 1024;

    public static string? MessageTypeOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body.Length > MostRead ? body[..MostRead] : body, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.ValueTextEquals("messageType"))
                    return reader.Read() && reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String
                        ? reader.GetString() : null;
                // A type inside the message is not the message's own.
                if (!reader.Read() || !reader.TrySkip())
                    return null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }

        return null;
    }
}

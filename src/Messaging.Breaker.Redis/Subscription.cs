using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;

namespace Messaging.Breaker.Redis;

/// <summary>
/// Receives the changes. After each (re)connection it publishes to the channel itself and waits for its own message: only then is it certain
/// that later changes arrive, and only then is it worth reading what may have been missed.
/// </summary>
sealed class Subscription : IAsyncDisposable
{
    static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(500);

    readonly Channel<string?> _heard = Channel.CreateUnbounded<string?>();
    readonly ConnectionMultiplexer _connection;
    readonly RedisChannel _channel;
    readonly TimeProvider _time;
    ChannelMessageQueue? _messages;

    public Subscription(ConnectionMultiplexer connection, RedisChannel channel, TimeProvider time)
    {
        (_connection, _channel, _time) = (connection, channel, time);
        connection.ConnectionRestored += OnRestored;
    }

    public async IAsyncEnumerable<SharedBreakerState?> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The queue keeps the order; a handler passed to SubscribeAsync may be called for several messages at once.
        _messages = await _connection.GetSubscriber().SubscribeAsync(_channel).WaitAsync(cancellationToken).ConfigureAwait(false);
        _messages.OnMessage(message => _heard.Writer.TryWrite(message.Message.ToString()));
        string? word = NewWord();
        while (true)
        {
            var heard = _heard.Reader.WaitToReadAsync(cancellationToken).AsTask();
            while (word is not null && !heard.IsCompleted)
            {
                await SayAsync(word, cancellationToken).ConfigureAwait(false);
                await Task.WhenAny(heard, Task.Delay(RepeatAfter, _time, cancellationToken)).ConfigureAwait(false);
            }

            await heard.ConfigureAwait(false);
            while (_heard.Reader.TryRead(out var message))
            {
                if (message is null)
                    word = NewWord();
                else if (message == word)
                {
                    word = null;
                    yield return null;
                }
                else if (message.StartsWith('{'))
                    yield return StateFormat.Read(message); // Null for an unreadable one: the current state has to be read.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.ConnectionRestored -= OnRestored;
        if (_messages is not null && _connection.IsConnected)
            await _messages.UnsubscribeAsync().ConfigureAwait(false);
    }

    static string NewWord() => Guid.NewGuid().ToString("N");

    async Task SayAsync(string word, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.GetSubscriber().PublishAsync(_channel, word).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Redis is away; this is published again.
        }
    }

    void OnRestored(object? sender, ConnectionFailedEventArgs restored) => _heard.Writer.TryWrite(null);
}

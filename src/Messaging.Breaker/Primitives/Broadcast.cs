using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Messaging.Breaker.Primitives;

/// <summary>Passes news to everyone who watches. A watcher that reads too slowly loses the oldest. Thread-safe; publishing never waits.</summary>
/// <param name="mostUnread">How many news a watcher may leave unread.</param>
sealed class Broadcast<T>(int mostUnread)
{
    ImmutableArray<Channel<T>> _watchers = [];

    public void Publish(T news)
    {
        foreach (var watcher in _watchers)
            watcher.Writer.TryWrite(news);
    }

    /// <summary>What is published from the first read on, until the token is cancelled.</summary>
    public async IAsyncEnumerable<T> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(mostUnread) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _watchers, all => all.Add(channel));
        try
        {
            await foreach (var news in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return news;
        }
        finally
        {
            ImmutableInterlocked.Update(ref _watchers, all => all.Remove(channel));
        }
    }
}

namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>A peer of the fleet that constantly writes nonsense to every place that the others read.</summary>
abstract class GarbagePeer : IAsyncDisposable
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongestTelling = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _leaving = new();
    Task _telling = Task.CompletedTask;

    /// <summary>How many pieces of nonsense were sent. Attempts while the store was away do not count.</summary>
    public int Told { get; private set; }

    public void Start() => _telling = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _telling;
        await CloseAsync();
        _leaving.Dispose();
    }

    protected abstract Task TellAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection, if there is one.</summary>
    protected abstract Task CloseAsync();

    async Task RunAsync()
    {
        while (!_leaving.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_leaving.Token);
                limit.CancelAfter(LongestTelling);
                await TellAsync(limit.Token);
                Told++;
            }
            catch (Exception)
            {
                // This peer's store is killed, frozen and restarted too.
                await CloseAsync();
            }

            await Task.Delay(Pace, _leaving.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}

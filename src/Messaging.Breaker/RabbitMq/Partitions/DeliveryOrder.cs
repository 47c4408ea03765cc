namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Which deliveries of a channel have been passed on. The broker numbers them from 1, but the client's threads take one each: while a thread still
/// has a delivery in its hands, another one may pass on later ones. Thread-safe.
/// </summary>
sealed class DeliveryOrder(TimeProvider time)
{
    // A delivery that reaches nobody must not hold up the others.
    static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    readonly Lock _lock = new();
    readonly SortedSet<ulong> _behindGap = [];
    ulong _passed;
    long _gapSince;

    /// <summary>The delivery has been passed on, up to where its handling first waits.</summary>
    public void Pass(ulong tag)
    {
        lock (_lock)
        {
            if (tag > _passed + 1)
            {
                if (_behindGap.Count == 0)
                    _gapSince = time.GetTimestamp();
                _behindGap.Add(tag);
            }
            else if (tag == _passed + 1)
                PassUpTo(tag);
        }
    }

    /// <summary>Whether all earlier deliveries have been passed on.</summary>
    public bool IsNext(ulong tag)
    {
        lock (_lock)
        {
            if (_behindGap.Count > 0 && time.GetElapsedTime(_gapSince) > LongestGap)
                PassUpTo(_behindGap.Min);
            return tag <= _passed + 1;
        }
    }

    /// <summary>Waits until all earlier deliveries have been passed on.</summary>
    public async Task WaitForEarlierAsync(ulong tag, CancellationToken cancellationToken)
    {
        while (!IsNext(tag))
            await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
    }

    void PassUpTo(ulong tag)
    {
        _behindGap.Remove(tag);
        _passed = tag;
        while (_behindGap.Remove(_passed + 1))
            _passed++;
        _gapSince = time.GetTimestamp();
    }
}

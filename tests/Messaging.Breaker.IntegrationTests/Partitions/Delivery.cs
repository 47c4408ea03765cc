using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;

namespace Messaging.Breaker.IntegrationTests.Partitions;

public sealed record Deliver(string Customer, int Number);

/// <summary>What customers received, and which of them are down.</summary>
public sealed class Customers
{
    static readonly TimeSpan CallDuration = TimeSpan.FromMilliseconds(5);

    readonly ConcurrentDictionary<string, ConcurrentQueue<(int Number, long From, long To)>> _delivered = new();
    readonly ConcurrentDictionary<string, int> _callsWhileDown = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource?> _down = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource> _slow = new();

    volatile HashSet<Deliver> _poison = [];

    public int Delivered => _delivered.Values.Sum(numbers => numbers.Count);

    /// <summary>The numbers of the messages that a customer received, sorted.</summary>
    public IReadOnlyList<int> Of(string customer) => [.. (_delivered.GetValueOrDefault(customer) ?? []).Select(delivered => delivered.Number).Order()];

    /// <summary>Fails if a delivery ended before the delivery of an earlier number began.</summary>
    public void AssertInOrder(string customer)
    {
        var delivered = (_delivered.GetValueOrDefault(customer) ?? []).OrderBy(delivered => delivered.From).ToList();
        var isInOrder = delivered.TrueForAll(one => delivered.TrueForAll(other => other.Number > one.Number || other.From <= one.To));
        Assert.True(isInOrder, $"{customer} got {string.Join(", ", delivered.Select(one => one.Number))}");
    }

    public int CallsWhileDown(string customer) => _callsWhileDown.GetValueOrDefault(customer);

    /// <summary>Makes calls fail or, with <paramref name="hang"/>, hang.</summary>
    public void TakeDown(string customer, bool hang = false) => _down[customer] = hang ? new TaskCompletionSource() : null;

    public void BringBack(string customer)
    {
        if (_down.TryRemove(customer, out var hanging))
            hanging?.TrySetException(new IOException("The connection was reset."));
    }

    /// <summary>Makes these messages always fail.</summary>
    public void Poison(string customer, params IEnumerable<int> numbers) => _poison = [.. numbers.Select(number => new Deliver(customer, number))];

    /// <summary>Makes calls wait until <see cref="Hasten"/> and then succeed.</summary>
    public void Slow(string customer) => _slow[customer] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Hasten(string customer)
    {
        if (_slow.TryRemove(customer, out var waiting))
            waiting.SetResult();
    }

    public async Task CallAsync(Deliver message, CancellationToken cancellationToken)
    {
        var from = Stopwatch.GetTimestamp();
        if (_poison.Contains(message))
            throw new InvalidOperationException("This message is poison.");
        if (_down.TryGetValue(message.Customer, out var hanging))
        {
            _callsWhileDown.AddOrUpdate(message.Customer, 1, (_, calls) => calls + 1);
            if (hanging is null)
                throw new IOException($"Customer {message.Customer} is down.");
            await hanging.Task.WaitAsync(cancellationToken);
        }

        if (_slow.TryGetValue(message.Customer, out var slow))
            await slow.Task.WaitAsync(cancellationToken);
        await Task.Delay(CallDuration, cancellationToken);
        _delivered.GetOrAdd(message.Customer, _ => new()).Enqueue((message.Number, from, Stopwatch.GetTimestamp()));
    }
}

public sealed class DeliverConsumer(Customers customers) : IConsumer<Deliver>
{
    public Task Consume(ConsumeContext<Deliver> context) => customers.CallAsync(context.Message, context.CancellationToken);
}

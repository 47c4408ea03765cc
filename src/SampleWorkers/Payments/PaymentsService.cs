using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace SampleWorkers.Payments;

/// <summary>Charges orders, as its mode allows, and counts the calls.</summary>
sealed class PaymentsService(IPaymentsWatcher? watcher = null)
{
    readonly ConcurrentDictionary<Guid, bool> _orders = new();
    readonly ConcurrentDictionary<Guid, bool> _poison = new();
    volatile PaymentsMode _mode;
    long _calls;
    long _callsWhileDown;
    long _charged;

    public PaymentsMode Mode
    {
        get => _mode;
        set => _mode = value;
    }

    /// <summary>While it is up, one in this many calls is answered with an error anyway; null for none.</summary>
    public int? Stumbles { get; set; }

    /// <summary>The merchants whose accounts are down while payments is not up; null for all.</summary>
    public IReadOnlySet<string>? DownFor { get; set; }

    /// <summary>From now on, this order is answered with an error in every mode: the order itself is wrong.</summary>
    public void Poison(Guid order) => _poison.TryAdd(order, true);

    /// <summary>From now on, no order is wrong.</summary>
    public void Cure() => _poison.Clear();

    public PaymentsFigures GetFigures() => new(
        $"{_mode}",
        Interlocked.Read(ref _calls),
        Interlocked.Read(ref _callsWhileDown),
        Interlocked.Read(ref _charged),
        _orders.Count);

    public async Task ChargeAsync(Charge charge, string caller, HttpContext context)
    {
        var mode = DownFor is { } merchants && !merchants.Contains(charge.Merchant ?? "") ? PaymentsMode.Up : _mode;
        var call = new PaymentsCall(caller, charge.OrderId, mode);
        var number = Interlocked.Increment(ref _calls);
        if (mode is not PaymentsMode.Up)
            Interlocked.Increment(ref _callsWhileDown);
        watcher?.Received(call);

        var cancelled = context.RequestAborted;
        switch (mode)
        {
            case PaymentsMode.Error:
                await Task.Delay(20, cancelled);
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case PaymentsMode.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "1";
                return;
            case PaymentsMode.Hang:
                await Task.Delay(Timeout.Infinite, cancelled);
                return;
            case PaymentsMode.Up when Stumbles is { } interval && number % interval == 0:
            case PaymentsMode.Up or PaymentsMode.Slow when _poison.ContainsKey(charge.OrderId):
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            default:
                await Task.Delay(mode is PaymentsMode.Slow ? 1_000 : 5, cancelled);
                break;
        }

        _orders.TryAdd(charge.OrderId, true);
        Interlocked.Increment(ref _charged);
        watcher?.Charged(call);
    }
}

using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SampleWorkers.Payments;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>The payments service. It outlives the workers, so it knows which orders were charged.</summary>
sealed class ShakyPayments(Ledger ledger, int seed, TimeSpan latency)
{
    static readonly TimeSpan FlappingTurn = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    readonly Random _random = new(seed);
    volatile PaymentsTrouble _trouble;
    int _calls;

    public PaymentsTrouble Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }

    /// <summary>The merchants whose orders the trouble affects; null for all.</summary>
    public IReadOnlySet<string>? TroubledMerchants { get; set; }

    /// <summary>Whether it now accepts what it refused before.</summary>
    public bool AcceptsPoison { get; set; }

    /// <summary>How many charges were requested.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public void Map(IEndpointRouteBuilder web) => web.MapPost("/charges", async (Charge charge, HttpContext context) =>
    {
        Interlocked.Increment(ref _calls);
        try
        {
            context.Response.StatusCode = await AnswerAsync(charge, context);
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // The caller has given up, or was killed.
        }
    });

    async Task<int> AnswerAsync(Charge charge, HttpContext context)
    {
        var trouble = TroubledMerchants is { } merchants && !merchants.Contains(charge.Merchant ?? "") ? PaymentsTrouble.None : _trouble;
        if (trouble is PaymentsTrouble.Unavailable)
        {
            context.Response.Headers.RetryAfter = "1";
            return StatusCodes.Status503ServiceUnavailable;
        }

        await Task.Delay(DelayIn(trouble), context.RequestAborted);
        if (FailsIn(trouble))
            return StatusCodes.Status500InternalServerError;
        if (!AcceptsPoison && ledger.IsPoison(charge.OrderId))
            return StatusCodes.Status400BadRequest;
        ledger.Handled(charge.OrderId);
        return StatusCodes.Status200OK;
    }

    TimeSpan DelayIn(PaymentsTrouble trouble) => trouble switch
    {
        PaymentsTrouble.Hang => Timeout.InfiniteTimeSpan,
        PaymentsTrouble.Slow => TimeSpan.FromSeconds(1),
        PaymentsTrouble.OutlastsTheBreak => TimeSpan.FromSeconds(1.5),
        _ => latency,
    };

    bool FailsIn(PaymentsTrouble trouble) => trouble switch
    {
        PaymentsTrouble.Error => true,
        PaymentsTrouble.Flapping => Stopwatch.GetElapsedTime(0) / FlappingTurn % 2 < 1,
        PaymentsTrouble.HalfDead => Draw(3) == 0,
        _ => false,
    };

    int Draw(int sides)
    {
        lock (_lock)
            return _random.Next(sides);
    }
}

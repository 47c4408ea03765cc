using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Transports;

/// <summary>An endpoint on a transport without an adapter: refused, unless the user accepts the cost of holding there.</summary>
sealed class UnadaptedEndpoint(UnadaptedTransport transport, BusBreakerOptions options) : IAdaptedEndpoint
{
    public IEndpointTransport Transport { get; } = new HoldingTransport();

    public IEnumerable<string> Problems => options.AllowHolding ? [] :
    [
        $"there is no adapter for {transport.Name}, so while a breaker is open, messages could not be returned and would be held in this process. "
        + $"On this transport, {transport.Cost}. To accept that, set UseMessagingBreaker(context, options => options.{nameof(BusBreakerOptions.AllowHolding)} = true); "
        + "otherwise leave the endpoint unguarded, and call the dependency through breaker.ExecuteAsync or an HttpClient with AddBreaker",
    ];

    public IEnumerable<string> Warnings => [];

    public void Attach(EndpointGate gate)
    {
        // Held messages wait in the filters, and the endpoint is never stopped.
    }
}

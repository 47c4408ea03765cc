namespace BreakerWorker;

public sealed class PaymentsClient(HttpClient http)
{
    public async Task ChargeAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("charges", order, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}

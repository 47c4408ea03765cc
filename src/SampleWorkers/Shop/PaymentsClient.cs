using System.Net.Http.Json;
using SampleWorkers.Payments;

namespace SampleWorkers.Shop;

sealed class PaymentsClient(HttpClient http)
{
    public async Task ChargeAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("charges", new Charge(order.OrderId, order.Amount, order.Merchant), cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}

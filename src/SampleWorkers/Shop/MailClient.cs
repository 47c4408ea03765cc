using System.Net.Http.Json;
using SampleWorkers.Mail;

namespace SampleWorkers.Shop;

sealed class MailClient(HttpClient http)
{
    public async Task SendReceiptAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("receipts", new Receipt(order.OrderId, order.Amount), cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}

using System.Text;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

public class FaultDetailsTests
{
    [Fact]
    public void Headers_give_the_details_and_hostile_ones_stay_on_one_line()
    {
        var fault = Read(new()
        {
            ["MT-Fault-ExceptionType"] = "Shop.Poison\u202eException",
            ["MT-Fault-Message"] = "first\nsecond 17",
            ["MT-Fault-Timestamp"] = "2026-01-02T03:04:05.0000000Z",
            ["MT-Fault-ConsumerType"] = "Shop.Charge",
            ["MT-Host-MachineName"] = "worker-1",
            ["MT-Fault-MessageType"] = new string('x', 1_000),
        });
        Assert.Equal("Shop.Poison Exception", fault.Exception);
        Assert.Equal("first second #", fault.Text);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), fault.At);
        Assert.Equal(("Shop.Charge", "worker-1"), (fault.Consumer, fault.Host));
        Assert.InRange(fault.MessageType!.Length, 1, 300);
    }

    [Fact]
    public void Equal_failures_have_the_same_key_and_different_ones_do_not()
    {
        Assert.Equal(Read(new() { ["MT-Fault-Message"] = "Order 1" }).Key, Read(new() { ["MT-Fault-Message"] = "Order 2" }).Key);
        Assert.NotEqual(Read(new() { ["MT-Fault-Message"] = "Order" }).Key, Read(new() { ["MT-Fault-Message"] = "Orders" }).Key);
        Assert.Equal(16, Read([]).Key.Length);
    }

    [Theory]
    [InlineData("""{"messageId":"x","messageType":["urn:message:Shop:Order","urn:message:Shop:IOrder"],"message":{}}""", "urn:message:Shop:Order")]
    [InlineData("""{"message":{"messageType":["urn:inner"]},"messageType":["urn:outer"]}""", "urn:outer")]
    [InlineData("""{"messageType":"urn:text"}""", null)]
    [InlineData("""{"messageType":[17]}""", null)]
    [InlineData("""{"messageType":[""", null)]
    [InlineData("""[{"messageType":["urn:x"]}]""", null)]
    [InlineData("no JSON", null)]
    [InlineData("", null)]
    public void Where_no_header_names_the_type_the_envelope_does(string body, string? expected) =>
        Assert.Equal(expected, FaultDetails.Read(_ => null, Encoding.UTF8.GetBytes(body)).MessageType);

    [Fact]
    public void A_huge_body_is_read_no_further_than_its_beginning() =>
        Assert.Null(FaultDetails.Read(_ => null, Encoding.UTF8.GetBytes("{\"filler\":\"" + new string('x', 1_000_000) + "\",\"messageType\":[\"urn:x\"]}")).MessageType);

    static FaultDetails Read(Dictionary<string, string> headers) => FaultDetails.Read(headers.GetValueOrDefault, []);
}

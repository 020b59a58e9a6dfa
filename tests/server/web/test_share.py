"""The page of a public function, which anyone who has its link may use."""

from tests.client import Client

UNKNOWN = "fn_" + "0" * 32


async def test_the_page_of_a_public_function_names_it_to_anyone_and_is_not_indexed(
    client: Client, anonymous: Client
) -> None:
    function = await client.create_function(name="<Fruit> & more", visibility="PUBLIC")

    response = await anonymous.http.get(f"/f/{function['id']}")

    assert response.status_code == 200
    assert "<title>&lt;Fruit&gt; &amp; more</title>" in response.text
    assert "noindex" in response.text
    assert "{{" not in response.text
    assert response.headers["cache-control"] == "no-store"


async def test_a_private_function_cannot_be_told_from_none(
    client: Client, anonymous: Client
) -> None:
    private = await client.create_function(name="Secret")

    answers = [
        await anonymous.http.get(f"/f/{private['id']}"),
        await anonymous.http.get(f"/f/{UNKNOWN}"),
        await anonymous.http.get("/f/no-id"),
        await client.http.get(f"/f/{private['id']}", headers=client.headers),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1
    assert "Nothing is shared at this address" in answers[0].text


async def test_the_page_finds_its_files_without_a_login(anonymous: Client) -> None:
    files = ("/f/assets/share.js", "/f/assets/share.css", "/login/tokens.css", "/login/login.css")

    assert [(await anonymous.http.get(file)).status_code for file in files] == [200] * 4

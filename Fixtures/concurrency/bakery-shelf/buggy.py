"""A bakery: customers wait at the shelf for loaves that come out of the oven one by one."""

import threading

shelf = []
fresh = threading.Condition()


def bake(loaves):
    for loaf in loaves:
        with fresh:
            shelf.append(loaf)
            fresh.notify_all()


def buy(bag):
    with fresh:
        if not shelf:
            fresh.wait()
        bag.append(shelf.pop(0))


baker = threading.Thread(target=bake, args=(["rye", "wheat"],))
bags = [[], []]
customers = [threading.Thread(target=buy, args=(bag,)) for bag in bags]
baker.start()
for customer in customers:
    customer.start()
baker.join()
for customer in customers:
    customer.join()
assert sorted(sum(bags, [])) == ["rye", "wheat"], bags

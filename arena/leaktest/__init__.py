"""Leak tests: can anything but the words tell the machine from the person?"""
